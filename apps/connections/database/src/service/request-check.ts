/** Checks the fields of one request and reports all that are wrong at once. */
import { limits } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';

interface Violation {
  readonly field: string;
  readonly description: string;
}

// A request can hold hundreds of wrong fields, and the details travel in a header block of 8 KiB.
const maxReported = 16;

export class RequestCheck {
  readonly #found: Violation[] = [];

  add(field: string, description: string): void {
    this.#found.push({ field, description });
  }

  /** The namespace meant: `default` when empty. */
  namespace(text: string): string {
    if (text === '') return 'default';
    this.name('namespace', text, limits.namespaceBytes);
    return text;
  }

  /** Text that identifies something: not empty, without control characters. */
  name(field: string, text: string, maxBytes: number): void {
    if (text === '') this.add(field, 'must not be empty');
    else this.label(field, text, maxBytes);
  }

  /** A name that may be left empty. */
  label(field: string, text: string, maxBytes: number): void {
    this.text(field, text, maxBytes);
    const position = controlCharacter(text);
    if (position !== undefined) this.add(field, `has a control character at position ${position}`);
  }

  text(field: string, text: string, maxBytes: number): void {
    // UTF-8 takes at most three bytes for one UTF-16 unit, so most texts need no counting.
    if (text.length * 3 <= maxBytes) return;
    this.size(field, Buffer.byteLength(text), maxBytes);
  }

  size(field: string, bytes: number, maxBytes: number): void {
    if (bytes > maxBytes) this.add(field, `is ${bytes} bytes long; the limit is ${maxBytes}`);
  }

  integer(field: string, value: number, [min, max]: readonly [number, number]): void {
    if (!Number.isInteger(value) || value < min || value > max) {
      this.add(field, `must be a whole number from ${min} to ${max}`);
    }
  }

  requestId(text: string | undefined): void {
    if (text !== undefined) this.name('request_id', text, limits.requestIdBytes);
  }

  /** The page size meant: the default when 0. */
  pageSize(value: number): number {
    if (value === 0) return limits.defaultPageSize;
    this.integer('page_size', value, [1, limits.pageSize]);
    return value;
  }

  /** Throws INVALID_ARGUMENT when anything was found wrong. */
  done(): void {
    const [first] = this.#found;
    if (!first) return;
    const others = this.#found.length - 1;
    const problem = `${first.field}: ${first.description}${others > 0 ? ` (and ${others} more)` : ''}`;
    throw failure('INVALID_REQUEST', { problem }, { violations: this.#found.slice(0, maxReported) });
  }
}

function controlCharacter(text: string): number | undefined {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit === 0x7f) return index;
  }
  return undefined;
}

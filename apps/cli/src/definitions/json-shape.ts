/** Takes JSON apart by the shape that it has to have; every fault is told by its path. */
import type { RequestCheck } from '@connections/runtime/errors';

/** A value that is not of its type ends the check at once; what is in bounds of its type is collected by the check. */
export class JsonShape {
  readonly #check: RequestCheck;

  constructor(check: RequestCheck) {
    this.#check = check;
  }

  /** All of `required` are there, and nothing but those and `optional`. */
  object<Name extends string>(
    path: string,
    value: unknown,
    required: readonly Name[],
    optional: readonly Name[] = [],
  ): Readonly<Record<Name, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fail(path || 'the document', 'must be an object');
    }
    const at = (name: string) => (path === '' ? name : `${path}.${name}`);
    for (const name of required) if (!Object.hasOwn(value, name)) this.fail(at(name), 'is missing');
    const known = new Set<string>([...required, ...optional]);
    const stranger = Object.keys(value).find((name) => !known.has(name));
    if (stranger !== undefined) this.fail(at(stranger.slice(0, 100)), 'is not known');
    return value as Readonly<Record<Name, unknown>>;
  }

  list(path: string, value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : this.fail(path, 'must be a list');
  }

  text(path: string, value: unknown): string {
    if (typeof value !== 'string') this.fail(path, 'must be text');
    // Half a character cannot be sent: something else would be registered.
    if (/\p{Surrogate}/u.test(value)) this.fail(path, 'has half of a surrogate pair');
    return value;
  }

  boolean(path: string, value: unknown): boolean {
    return typeof value === 'boolean' ? value : this.fail(path, 'must be true or false');
  }

  whole(path: string, value: unknown, bounds: readonly [number, number]): number {
    this.#check.integer(path, value as number, bounds);
    return value as number;
  }

  name(path: string, value: unknown, maxBytes: number): string {
    const text = this.text(path, value);
    this.#check.name(path, text, maxBytes);
    return text;
  }

  fail(path: string, problem: string): never {
    this.#check.add(path, problem);
    this.#check.done();
    throw new Error('a check with a fault has ended without one');
  }
}

/** What HTTP/2 asks of the fields of a message (RFC 9113, sections 8.1 to 8.3); what breaks it is malformed. */
import type { HeaderBlock, HeaderFields } from '../header-fields.ts';

export type BlockKind = 'request' | 'response' | 'trailers';

export interface CheckedBlock {
  readonly kind: BlockKind;
  /** Why it is malformed. */
  readonly fault: string | undefined;
  /** -1 without one. */
  readonly contentLength: number;
  /** Of a response; 0 otherwise. */
  readonly status: number;
}

/** The same block is checked once, however often it comes. */
export function checkBlock(block: HeaderBlock, kind: BlockKind): CheckedBlock {
  const before = block.checked as CheckedBlock | undefined;
  if (before?.kind === kind) return before;
  const checked = check(block.fields, kind);
  block.checked = checked;
  return checked;
}

const pseudoOf: Record<BlockKind, ReadonlySet<string>> = {
  request: new Set([':method', ':scheme', ':path', ':authority']),
  response: new Set([':status']),
  trailers: new Set(),
};

/** Those of one connection of HTTP/1.1, which HTTP/2 has no use for. */
const connectionSpecific = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** A token without upper case; a colon only begins a pseudo-header field. */
const namePattern = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// White space around a value is let through: the message of a gRPC status may end with it.
const forbiddenInValue = /[\0\r\n]/;
const digits = /^\d{1,15}$/;
const statusPattern = /^[1-5]\d\d$/;

function check(fields: HeaderFields, kind: BlockKind): CheckedBlock {
  const pseudo = new Map<string, string>();
  let contentLength = -1;
  let regular = false;
  let fault: string | undefined;
  for (const { name, value } of fields) {
    if (name.startsWith(':')) {
      if (regular) fault ??= 'a pseudo-header field after others';
      if (!pseudoOf[kind].has(name)) fault ??= 'a pseudo-header field that does not belong';
      if (pseudo.has(name)) fault ??= 'a pseudo-header field twice';
      pseudo.set(name, value);
    } else {
      regular = true;
      fault ??= fieldFault(name, value);
      if (name === 'content-length') {
        if (!digits.test(value) || (contentLength !== -1 && contentLength !== Number(value))) {
          fault ??= 'a content-length that is none';
        }
        contentLength = Number(value);
      }
    }
    if (forbiddenInValue.test(value)) fault ??= 'a control character in a value';
  }
  if (kind === 'request') fault ??= requestFault(pseudo);
  const status = pseudo.get(':status') ?? '';
  if (kind === 'response' && !statusPattern.test(status)) fault ??= 'a :status that is none';
  return { kind, fault, contentLength, status: kind === 'response' ? Number(status) : 0 };
}

function fieldFault(name: string, value: string): string | undefined {
  if (!namePattern.test(name)) return 'a field name with a character that may not be in it';
  if (connectionSpecific.has(name)) return 'a field that is specific to a connection';
  if (name === 'te' && value !== 'trailers') return 'a te other than trailers';
  return undefined;
}

function requestFault(pseudo: ReadonlyMap<string, string>): string | undefined {
  if (!pseudo.get(':method')) return 'no :method';
  if (pseudo.get(':method') === 'CONNECT') {
    return pseudo.has(':scheme') || pseudo.has(':path') || !pseudo.get(':authority')
      ? 'a CONNECT with more or less than :authority'
      : undefined;
  }
  if (!pseudo.get(':scheme')) return 'no :scheme';
  if (!pseudo.get(':path')) return 'no :path';
  return undefined;
}

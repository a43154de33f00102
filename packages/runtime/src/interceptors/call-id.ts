/** A short name for one call, so that a caller can point at its line in the log. */
import { randomBytes } from 'node:crypto';
import type { Call } from '@connections/grpc';

const processId = randomBytes(4).toString('hex');
const ids = new WeakMap<Call, string>();
let count = 0;

/** The same for every question about one call; unique across processes. */
export function callId(call: Call): string {
  const known = ids.get(call);
  if (known !== undefined) return known;
  count += 1;
  const id = `${processId}-${count.toString(36)}`;
  ids.set(call, id);
  return id;
}

/** Checks each frame of a subscriber before anything is done with it. */
import { limits } from '@connections/runtime';
import { RequestCheck } from '@connections/runtime/errors';
import type { Window } from '../domain/delivery-ledger.ts';
import type { ClientFrame } from './subscribe-frame.ts';

// Ours have 30 or so. An answer repeats the ids, so their size is bounded like that of everything else that waits.
const idBytes = 128;

/** The frames as they come; the first that is not valid ends them with INVALID_ARGUMENT. */
export async function* checkedFrames(frames: AsyncIterable<ClientFrame>): AsyncGenerator<ClientFrame, void> {
  for await (const frame of frames) {
    const check = new RequestCheck();
    checkFrame(check, frame);
    check.done();
    yield frame;
  }
}

function checkFrame(check: RequestCheck, frame: ClientFrame): void {
  if (frame.kind === 'open') checkCredit(check, 'open.credit', frame.credit);
  if (frame.kind === 'credit') checkCredit(check, 'credit', frame.credit);
  if (frame.kind === 'open' || frame.kind === 'extend')
    checkLease(check, `${frame.kind}.lease`, frame.leaseMs);
  if (frame.kind === 'reject') check.label('reject.reason', frame.reason, limits.noteBytes);
  if ('ids' in frame) checkIds(check, `${frame.kind}.ids`, frame.ids);
}

function checkIds(check: RequestCheck, field: string, ids: readonly string[]): void {
  if (ids.length > limits.batch) check.add(field, `has ${ids.length} ids; the limit is ${limits.batch}`);
  else for (const [index, id] of ids.entries()) check.name(`${field}[${index}]`, id, idBytes);
}

function checkCredit(check: RequestCheck, field: string, credit: Window): void {
  check.integer(`${field}.messages`, credit.messages, [0, limits.creditMessages]);
  check.integer(`${field}.bytes`, credit.bytes, [0, limits.creditBytes]);
}

function checkLease(check: RequestCheck, field: string, leaseMs: number | undefined): void {
  const { leaseSecondsMin: min, leaseSecondsMax: max } = limits;
  if (leaseMs !== undefined && !(leaseMs >= min * 1_000 && leaseMs <= max * 1_000)) {
    check.add(field, `must be from ${min} s to ${max} s`);
  }
}

/** Rule 9, tokens: what a reply was, so that a read that brings it is answered with nothing older. Pure. */
import { invalidField } from '@connections/runtime/errors';
import type { Account } from '../port/task-ledger.ts';
import type { TaskRecord, TaskStamp } from '../port/task-operation.ts';
import type { ViewEntry, WholeEntry } from '../port/task-view.ts';

/** A buffer ended with this operation. */
export interface BufferedMark {
  readonly kind: 'BUFFERED';
  readonly mark: string;
  readonly requestId: string;
}

export type ReadMark =
  | { readonly kind: 'STAMP'; readonly stamp: TaskStamp }
  /** There was no task. */
  | { readonly kind: 'GONE' }
  | BufferedMark;

const prefix = 'dual:1:';

export function readToken(mark: ReadMark): string {
  return prefix + Buffer.from(JSON.stringify(partsFor(mark))).toString('base64url');
}

/** Throws INVALID_ARGUMENT for a token that this store has not given. */
export function readMark(token: string): ReadMark {
  const [first, second, third] = partsIn(token);
  if (first === undefined) return { kind: 'GONE' };
  if (typeof first === 'string' && Number.isSafeInteger(second)) {
    return { kind: 'STAMP', stamp: { incarnation: first, revision: second as number } };
  }
  if (typeof second === 'string' && typeof third === 'string') {
    return { kind: 'BUFFERED', mark: second, requestId: third };
  }
  throw unknownToken();
}

/** Whether the entry is as new as the mark, as far as it can tell: the ledger always can. */
export function entrySatisfies(mark: ReadMark, { base }: ViewEntry): boolean {
  if (mark.kind !== 'STAMP' || base?.incarnation !== mark.stamp.incarnation) return false;
  return base.revision >= mark.stamp.revision;
}

export function wholeEntrySatisfies(mark: ReadMark, entry: WholeEntry): boolean {
  if (mark.kind !== 'BUFFERED') return entrySatisfies(mark, entry);
  return (
    entry.operations.some((operation) => operation.mark === mark.mark) ||
    entry.ring.some((made) => made.requestId === mark.requestId)
  );
}

/**
 * Of a read that is as new as everything answered before it. Another life of the task, or none, is then newer; the same
 * life at a smaller revision is not, which only a ledger that was put back shows.
 */
export function exactReadSatisfies(mark: ReadMark, record: TaskRecord | undefined): boolean {
  if (mark.kind !== 'STAMP' || record?.task.incarnation !== mark.stamp.incarnation) return true;
  return record.task.revision >= mark.stamp.revision;
}

/** Of a buffered reply: whether its operation came home, as far as the ring reaches back. */
export function accountSatisfies({ requestId }: BufferedMark, { record, removal }: Account): boolean {
  return (
    record?.ring.some((made) => made.requestId === requestId) === true || removal?.requestId === requestId
  );
}

function partsFor(mark: ReadMark): readonly unknown[] {
  if (mark.kind === 'GONE') return [];
  if (mark.kind === 'BUFFERED') return ['', mark.mark, mark.requestId];
  return [mark.stamp.incarnation, mark.stamp.revision];
}

function partsIn(token: string): readonly unknown[] {
  if (!token.startsWith(prefix)) throw unknownToken();
  try {
    const parts: unknown = JSON.parse(Buffer.from(token.slice(prefix.length), 'base64url').toString());
    if (Array.isArray(parts)) return parts;
  } catch {
    // Not a text of ours.
  }
  throw unknownToken();
}

function unknownToken(): Error {
  return invalidField('token', 'is not a token of this service');
}

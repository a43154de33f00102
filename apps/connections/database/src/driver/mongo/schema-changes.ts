/** The changes of the port, decided on what the changes before them in the same commit have left. */
import { failure } from '@connections/runtime/errors';
import { answerTo, type SchemaAnswer } from '../../domain/schema-answers.ts';
import { revertedTo } from '../../domain/schema-history.ts';
import type {
  RegisterOptions,
  Registration,
  SchemaCandidate,
  SchemaRecord,
  SchemaRemoval,
} from '../../port/schemas.ts';
import type { SchemaFold } from './schema-fold.ts';
import { recordOf, type SchemaHead } from './schema-head.ts';
import type { SchemaRemovals } from './schema-removals.ts';

/** Runs again, on a later state, when the commit that it was part of lost against another. */
export type SchemaChange<T> = (fold: SchemaFold, signal: AbortSignal) => Promise<T>;

export function registration(
  candidate: SchemaCandidate,
  { mustExist, requestId }: RegisterOptions,
): SchemaChange<Registration> {
  return async (fold, signal) => {
    const { head } = fold;
    if (!head) {
      if (mustExist) throw failure('SCHEMA_NOT_FOUND', { name: fold.ref.name });
      return { outcome: 'created', record: fold.begin(candidate, requestId) };
    }
    const first = answerTo(head, requestId);
    if (first && first.outcome !== 'reverted') {
      return { outcome: first.outcome, record: await answeredRecord(fold, head, first, signal) };
    }
    return fold.extend(head, candidate, requestId);
  };
}

export function reversion(
  version: number,
  stamp: Pick<SchemaCandidate, 'author' | 'note' | 'createdAt'>,
  requestId: string | undefined,
): SchemaChange<SchemaRecord> {
  return async (fold, signal) => {
    const { head } = fold;
    if (!head) throw failure('SCHEMA_NOT_FOUND', { name: fold.ref.name });
    const first = answerTo(head, requestId);
    if (first) return answeredRecord(fold, head, first, signal);
    const earlier = await fold.version(version, signal);
    if (!earlier) throw failure('SCHEMA_VERSION_NOT_FOUND', { name: fold.ref.name });
    return fold.extend(head, revertedTo(earlier, stamp), requestId).record;
  };
}

export function removal(
  what: 'active' | 'all',
  requestId: string | undefined,
  removals: SchemaRemovals,
): SchemaChange<SchemaRemoval | undefined> {
  return async (fold, signal) => {
    const key = removals.keyOf(fold.ref, requestId);
    const before = await removals.recall(fold.ref, key, signal);
    if (before) return before === 'deleted' ? { outcome: 'deleted' } : undefined;
    const { head } = fold;
    if (!head) {
      await removals.rememberUnknown(key, signal);
      return undefined;
    }
    const first = answerTo(head, requestId);
    if (first) return { outcome: 'reverted', record: await answeredRecord(fold, head, first, signal) };
    const previous = what === 'active' ? await fold.previous(head, signal) : undefined;
    if (previous) return { outcome: 'reverted', record: fold.shorten(head, previous, requestId) };
    fold.end(head, key);
    return { outcome: 'deleted' };
  };
}

/** The record as it was answered first, or as it is when that version has gone since. */
async function answeredRecord(
  fold: SchemaFold,
  head: SchemaHead,
  { version }: SchemaAnswer,
  signal: AbortSignal,
): Promise<SchemaRecord> {
  return recordOf(fold.ref, { ...head, active: (await fold.version(version, signal)) ?? head.active });
}

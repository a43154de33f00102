/** What a commit of the ledger has come to, by what its write answered or rejected with. */
import { hasReason } from '@connections/runtime/errors';
import type { CommitOutcome } from '../../port/task-ledger.ts';
import type { TaskRef } from '../../port/tasks.ts';
import type { LedgerLimit } from './ledger-limit.ts';
import type { MongoCalls } from './mongo-calls.ts';
import { recordOf } from './task-document.ts';
import type { WriteAttempt } from './task-writes.ts';

/** What the rules of tasks say no with. */
const refusals = ['TASK_NOT_FOUND', 'TASK_EXISTS', 'TASK_REVISION_CONFLICT', 'INVALID_REQUEST'] as const;
/** Nothing was sent, or it came too late. */
const losses = ['STORE_UNREACHABLE', 'STORE_TIMEOUT'] as const;

/** Rejects with the reason of a caller who leaves, and with what says nothing of the task. */
export async function committed(
  ref: TaskRef,
  attempt: WriteAttempt,
  calls: MongoCalls,
  limit: LedgerLimit,
): Promise<CommitOutcome> {
  let doubted = false;
  const noting: WriteAttempt = (signal, again) => {
    doubted ||= again;
    return attempt(signal, again);
  };
  try {
    const { document, changed } = await calls.write(limit.signal, noting);
    return { outcome: 'COMMITTED', record: document && recordOf(ref, document), changed };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // After a try whose answer was lost a refusal does not say that nothing was done.
    if (doubted || hasReason(error, 'OUTCOME_UNKNOWN')) {
      await limit.passed();
      return {
        outcome: 'UNKNOWN',
        error: hasReason(error, 'OUTCOME_UNKNOWN') ? error : calls.unknown(error),
      };
    }
    if (refusals.some((reason) => hasReason(error, reason))) return { outcome: 'REFUSED', error };
    if (losses.some((reason) => hasReason(error, reason))) return { outcome: 'AWAY', error };
    throw error;
  }
}

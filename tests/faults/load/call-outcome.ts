/** What the answer to a write says of it. */
import { isStatusError } from '@connections/grpc';

/**
 * - `acknowledged`: it is there, and stays.
 * - `refused`: it did not happen, and will not.
 * - `unknown`: it may have happened, or do so yet.
 * - `unexpected`: no answer that a store or a service which is away accounts for.
 */
export type Outcome = 'acknowledged' | 'refused' | 'unknown' | 'unexpected';

export interface Answer<Response> {
  readonly outcome: Outcome;
  readonly response?: Response;
  readonly error?: unknown;
}

const refusals = new Set(['STORE_UNREACHABLE', 'SHUTTING_DOWN']);
const doubts = new Set(['STORE_TIMEOUT', 'OUTCOME_UNKNOWN']);
/** Of a service that died, or did not answer while its client waited: they come from the client's own transport. */
const silence = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED']);

export async function answerTo<Response>(call: Promise<Response>): Promise<Answer<Response>> {
  try {
    return { outcome: 'acknowledged', response: await call };
  } catch (error) {
    return { outcome: outcomeOf(error), error };
  }
}

function outcomeOf(error: unknown): Outcome {
  if (!isStatusError(error)) return 'unexpected';
  const { status, reason } = error;
  if (reason === undefined) return silence.has(status) ? 'unknown' : 'unexpected';
  if (refusals.has(reason)) return 'refused';
  return doubts.has(reason) ? 'unknown' : 'unexpected';
}

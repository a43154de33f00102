/** Asks a service the same thing again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isStatusError, type StatusError } from '@connections/grpc';

export interface AskingAgain {
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** Is told when the service cannot be asked, and when it answers again. */
  readonly note: (text: string) => void;
}

/**
 * Yields the answers, and goes on until its reader leaves. A service that goes away is waited for once it has answered:
 * before that its address may be wrong. Rejects when the signal aborts.
 */
export async function* askAgain<Answer>(
  ask: () => Promise<Answer>,
  { everyMs, signal, note }: AskingAgain,
): AsyncGenerator<Answer, never, undefined> {
  let state: 'unknown' | 'answers' | 'away' = 'unknown';
  for (;;) {
    try {
      const answer = await ask();
      if (state === 'away') note('the service answers again');
      state = 'answers';
      yield answer;
    } catch (error) {
      if (state === 'unknown' || !isPassing(error)) throw error;
      if (state === 'answers') note(`the service cannot be asked (${error.status}): trying again`);
      state = 'away';
    }
    await sleep(everyMs, undefined, { signal });
  }
}

function isPassing(error: unknown): error is StatusError {
  return (
    isStatusError(error) && ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'].includes(error.status)
  );
}

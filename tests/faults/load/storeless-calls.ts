/** Requests that the service turns down before it looks at a store: what any call costs at this moment. */
import { isStatusError } from '@connections/grpc';
import type { DatabaseClient } from '@connections/proto-utils';
import { type Answer, answerTo } from './call-outcome.ts';
import { allFindings, type Findings, type Work } from './work.ts';

export class StorelessCalls implements Work {
  readonly store = undefined;
  readonly writes = false;

  async next({ cache }: DatabaseClient, timeoutMs: number): Promise<Answer<unknown>> {
    const answer = await answerTo<unknown>(cache.get({ key: '' }, { timeoutMs }));
    const isTurnedDown = isStatusError(answer.error) && answer.error.status === 'INVALID_ARGUMENT';
    return isTurnedDown ? { outcome: 'acknowledged' } : answer;
  }

  async check(): Promise<Findings> {
    return allFindings([]);
  }
}

/** First answers to requests with an id, which a repetition gets again. */
import type { Registration, SchemaVersion } from '../port/schemas.ts';
import { withRequest } from './request-ring.ts';

export interface SchemaAnswer {
  readonly requestId: string;
  readonly outcome: Registration['outcome'] | 'reverted';
  /** The version that was active then. */
  readonly version: number;
}

interface AnsweringHead {
  readonly active: SchemaVersion;
  /** How the newest requests with an id were answered. */
  readonly answers: readonly SchemaAnswer[];
}

/** The answer to an earlier request with this id, while it is among the newest of the name. */
export function answerTo(
  { answers }: AnsweringHead,
  requestId: string | undefined,
): SchemaAnswer | undefined {
  return requestId === undefined ? undefined : answers.find((answer) => answer.requestId === requestId);
}

/** The head that remembers how a request was answered. */
export function withAnswer<Head extends AnsweringHead>(
  head: Head,
  requestId: string | undefined,
  outcome: SchemaAnswer['outcome'],
): Head {
  if (requestId === undefined) return head;
  const answer = { requestId, outcome, version: head.active.version };
  return { ...head, answers: withRequest(head.answers, answer) };
}

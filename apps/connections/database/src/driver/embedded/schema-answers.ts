/** First answers to requests with an id, which a repetition gets again. */
import { withRequest } from '../../domain/request-ring.ts';
import type { Registration, SchemaRecord, SchemaRef } from '../../port/schemas.ts';
import { recordOf, type SchemaTables, type StoredSchema } from './schema-tables.ts';

export interface SchemaAnswer {
  readonly requestId: string;
  readonly outcome: Registration['outcome'] | 'reverted';
  /** The version that was active then. */
  readonly version: number;
}

/** The answer to an earlier request with this id, while it is among the newest of the name. */
export function answerTo(head: StoredSchema, requestId: string | undefined): SchemaAnswer | undefined {
  if (requestId === undefined) return undefined;
  return head.answers.find((answer) => answer.requestId === requestId);
}

/** The head that remembers how a request was answered. */
export function withAnswer(
  head: StoredSchema,
  requestId: string | undefined,
  outcome: SchemaAnswer['outcome'],
): StoredSchema {
  if (requestId === undefined) return head;
  const answer = { requestId, outcome, version: head.active.version };
  return { ...head, answers: withRequest(head.answers, answer) };
}

/** The record as it was answered first, or as it is when that version has gone since. */
export function answeredRecord(
  tables: SchemaTables,
  ref: SchemaRef,
  head: StoredSchema,
  { version }: SchemaAnswer,
): SchemaRecord {
  return recordOf(ref, { ...head, active: tables.version(ref, version) ?? head.active });
}

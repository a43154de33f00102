/** Headers of a message as AMQP has them: a table, some of whose names the broker takes for its own. */
import { isShortText } from './short-text.ts';

export type HeaderTable = Readonly<Record<string, string | number>>;

/** What a message has and AMQP has no place for. No header of a caller begins so. */
export const ownHeaders = {
  /** One publication: tells returned messages and returns apart where ids are not unique. */
  key: 'x-cs-key',
  /** Milliseconds; the property of AMQP has seconds. */
  publishedAt: 'x-cs-published-at',
  subject: 'x-cs-subject',
  /** An id or a content type that is too long for its property. */
  id: 'x-cs-id',
  contentType: 'x-cs-content-type',
  /** Of a message that the service placed anew: where it was published to. */
  exchange: 'x-cs-exchange',
  routingKey: 'x-cs-routing-key',
  /** Headers whose names cannot be names there, as JSON pairs. */
  others: 'x-cs-headers',
} as const;

/** Names that the broker gives a meaning, closing the channel over some values, or that its client cannot decode. */
const taken =
  /^(CC|BCC|__proto__|x-(cs-.*|death|first-death-.*|last-death-.*|delivery-count|acquired-count|stream-.*|opt-.*))$/s;

export function isTaken(name: string): boolean {
  return taken.test(name);
}

/** Any header comes through; `subject` is `category/id` of the task that the message is about, or empty. */
export function encodeHeaders(
  headers: ReadonlyMap<string, string>,
  subject: string,
): Record<string, string | number> {
  const table: Record<string, string | number> = {};
  const others: [string, string][] = [];
  for (const [name, value] of headers) {
    if (isTaken(name) || !isShortText(name)) others.push([name, value]);
    else table[name] = value;
  }
  if (others.length > 0) table[ownHeaders.others] = JSON.stringify(others);
  if (subject !== '') table[ownHeaders.subject] = subject;
  return table;
}

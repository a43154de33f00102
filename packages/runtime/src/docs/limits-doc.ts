/** `docs/limits.md`, made from the table of limits. */
import type { limits } from '../limits.ts';
import { markdownTable } from './markdown-table.ts';

type Limits = typeof limits;

const meanings: Readonly<Record<keyof Limits, string>> = {
  keyBytes: 'bytes of a key, an id or a name',
  namespaceBytes: 'bytes of a namespace',
  categoryBytes: 'bytes of the category of a task',
  statusBytes: 'bytes of the status of a task',
  authorBytes: 'bytes of the author of a schema version',
  noteBytes: 'bytes of a note',
  requestIdBytes: 'bytes of a request id',
  valueBytes: 'bytes of a cache value or a message body, unless `MAX_VALUE_BYTES` says otherwise',
  valueBytesCeiling: 'the most that `MAX_VALUE_BYTES` may be',
  taskBytes: "bytes of a task's message and data together",
  taskDataKeys: "entries of a task's data",
  schemaBytes: 'bytes of a schema',
  schemaDepth: 'levels of nesting in a schema',
  schemaPatternBytes: 'bytes of a regular expression in a schema',
  schemaVersions: 'versions that are kept of one schema',
  batch: 'items in one batch',
  pageSize: 'items of a page at most',
  defaultPageSize: 'items of a page when the request does not say',
  pageBytes: 'bytes of values in one page',
  wireEntries: 'keys or entries in one answer of the wire contract',
  wireSchemas: 'schemas in one answer of the wire contract',
  patternBytes: 'bytes of a regular expression in a request',
  minTtlSeconds: 'seconds that a cache entry lives at least',
  maxTtlSeconds: 'seconds that a cache entry lives at most',
  maxRetentionSeconds: 'seconds that a task is kept after its last change, where it is not kept for ever',
  messageBytes: 'bytes of a gRPC message',
  metadataBytes: 'bytes of the metadata of a call',
  storeCallMs: 'milliseconds that a store has for an answer; then the call is UNAVAILABLE',
  openCalls: 'unary calls in progress in one service',
  openStreams: 'streams open in one service',
  transitions: 'changes of status that are kept of one task',
  requestRing: 'request ids that one task or schema remembers',
  creditMessages: 'messages of credit on one subscription',
  creditBytes: 'bytes of credit on one subscription',
  defaultCreditMessages: 'messages of credit when the subscription does not say',
  defaultCreditBytes: 'bytes of credit when the subscription does not say',
  untakenDeliveryBytes:
    'bytes of deliveries on their way to consumers, over all streams; as much again for those of at most 64 KiB',
  publishingBytes:
    'bytes of messages that are being published, over all calls; more is RESOURCE_EXHAUSTED `TOO_MUCH_UNCONFIRMED`',
  unconfirmedMessages: 'messages that were sent to RabbitMQ and are not confirmed; more is the same',
  headerKeys: 'headers of a message',
  headerBytes: 'bytes of the headers of a message',
  leaseSecondsMin: 'seconds of a lease at least',
  leaseSecondsMax: 'seconds of a lease at most',
  leaseSecondsDefault: 'seconds of a lease when the subscription does not say',
  leaseSecondsTotal: 'seconds that a lease can be extended to in all',
  deliveryLimit: 'deliveries of a message before it is dead-lettered',
};

export function renderLimitsDoc(table: Limits): string {
  const rows = Object.entries(meanings).map(([name, meaning]) => [
    `\`${name}\``,
    String(table[name as keyof Limits]).replace(/\B(?=(\d{3})+$)/g, ' '),
    meaning,
  ]);
  return `# Limits

A field over its limit is INVALID_ARGUMENT. A message over the transport's limit, a full store and too many calls are
RESOURCE_EXHAUSTED.

${markdownTable(['limit', 'value', 'of'], rows)}
`;
}

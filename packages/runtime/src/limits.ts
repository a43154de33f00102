/** Bounds of what callers may send, as data. A field over its limit is INVALID_ARGUMENT. docs/limits.md lists them. */

export const limits = {
  keyBytes: 512,
  namespaceBytes: 64,
  categoryBytes: 128,
  statusBytes: 128,
  noteBytes: 1_024,
  requestIdBytes: 128,
  /** Default of MAX_VALUE_BYTES: cache values and message bodies. */
  valueBytes: 1_048_576,
  /** Most that MAX_VALUE_BYTES may be set to: below the transport's message limit. */
  valueBytesCeiling: 3_145_728,
  /** A task's message and data together. */
  taskBytes: 1_048_576,
  taskDataKeys: 1_000,
  schemaBytes: 262_144,
  schemaDepth: 32,
  schemaVersions: 1_000,
  /** One `pattern` in a schema: compiling it costs its length. */
  schemaPatternBytes: 2_048,
  authorBytes: 512,
  batch: 256,
  pageSize: 1_000,
  defaultPageSize: 100,
  /** Bytes of values in one page or one reply that lists: below the transport's message limit. */
  pageBytes: 3_145_728,
  /** Keys or entries that RedisGetKeys and RedisGetCache return at most. */
  wireEntries: 10_000,
  /** Schemas that MongoGetSchemasByImportRegex returns at most. */
  wireSchemas: 1_000,
  patternBytes: 512,
  minTtlSeconds: 1,
  maxTtlSeconds: 2_592_000,
  maxRetentionSeconds: 315_360_000,
  messageBytes: 4_194_304,
  metadataBytes: 8_192,
  /** What a call to a store may take, however long the caller would wait. */
  storeCallMs: 5_000,
  openCalls: 20_000,
  openStreams: 10_000,
  transitions: 100,
  requestRing: 16,
  creditMessages: 256,
  creditBytes: 16_777_216,
  defaultCreditMessages: 32,
  defaultCreditBytes: 4_194_304,
  headerKeys: 64,
  headerBytes: 8_192,
  /** Deliveries that were taken from the broker and that no transport has taken yet, over all streams; small ones apart. */
  untakenDeliveryBytes: 67_108_864,
  /** Messages, their bodies and headers, whose publishing has begun and not ended, over all calls. */
  publishingBytes: 67_108_864,
  /** Of those on a server: sent and not confirmed. */
  unconfirmedMessages: 1_000,
  leaseSecondsMin: 1,
  leaseSecondsMax: 600,
  leaseSecondsDefault: 60,
  leaseSecondsTotal: 1_200,
  deliveryLimit: 20,
} as const;

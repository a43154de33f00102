/** A call of every method of both services as JSON, in an order in which each finds what it needs. */

export interface ReflectedCall {
  readonly method: string;
  /** One document for each message. */
  readonly requests: readonly object[];
  /** What the answer holds at least. */
  readonly answer?: object;
  /** The number of the status. @default 0 */
  readonly status?: number;
  /** The stream goes on: it is cancelled after its first message. */
  readonly endless?: true;
}

const call = (method: string, request: object, answer: object = {}): ReflectedCall => ({
  method,
  requests: [request],
  answer,
});
const watch = (method: string, request: object, answer: object): ReflectedCall => ({
  ...call(method, request, answer),
  endless: true,
});

/** Refused with UNIMPLEMENTED: the embedded store of tasks is one. */
const forTwoStores = (method: string): ReflectedCall => ({ method, requests: [{}], status: 12 });

const tools: readonly ReflectedCall[] = [
  call('grpc.health.v1.Health/Check', {}, { status: 'SERVING' }),
  watch('grpc.health.v1.Health/Watch', {}, { status: 'SERVING' }),
  ...['v1', 'v1alpha'].map((version) =>
    call(
      `grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      { fileByFilename: 'none.proto' },
      { errorResponse: { errorCode: 5 } },
    ),
  ),
];

const cache = [
  call('Set', { key: 'a', value: 'aGVsbG8=', ttl: '60s' }),
  call('Get', { key: 'a' }, { entry: { key: 'a', value: 'aGVsbG8=' } }),
  call('List', { keysOnly: true }, { entries: [{ key: 'a' }] }),
  call('Delete', { keys: ['a', 'b'] }, { deleted: 1 }),
  call('Clear', {}),
];

const name = 'people';
const schemas = [
  call('Register', { name, document: '{"type":"object"}', author: 'ada' }, { outcome: 'OUTCOME_CREATED' }),
  call('Register', { name, document: '{"type":"array"}' }, { outcome: 'OUTCOME_UPDATED' }),
  call('Get', { name, version: 1 }, { schema: { version: '1', author: 'ada' } }),
  call('List', {}, { schemas: [{ name, version: '2', active: true }], totalSize: 1 }),
  call('ListVersions', { name }, { versions: [{ version: '1' }, { version: '2' }] }),
  call('Revert', { name, version: '1' }, { active: { version: '3', document: '{"type":"object"}' } }),
  call('DeleteActive', { name }, { active: { version: '2' } }),
  call('Delete', { name }),
];

const task = { category: 'validation', id: '1' };
const tasks = [
  call(
    'Create',
    { ...task, state: { status: 'accepted', data: { import_name: name } } },
    { task: { revision: '1', importName: name, data: { import_name: name } } },
  ),
  call(
    'Patch',
    { ...task, status: 'completed', code: 0, expectedRevision: 1, data: { rows: '2' } },
    {
      task: { status: 'completed', data: { import_name: name, rows: '2' } },
      durability: 'DURABILITY_DURABLE',
    },
  ),
  call('Put', { ...task, state: { status: 'failed', code: 500 } }, { task: { revision: '3', code: 500 } }),
  call('Get', { ...task, strong: true }, { task: { status: 'failed' }, source: 'SOURCE_AUTHORITY' }),
  call('List', { status: 'failed' }, { tasks: [{ id: '1' }] }),
  call('ListTransitions', task, { transitions: [{ status: 'accepted' }, { status: 'completed' }, {}] }),
  call('Remove', task),
  ...['ListConflicts', 'GetConflict', 'ReplayConflict', 'DropConflict', 'ImportLegacyTasks'].map(
    forTwoStores,
  ),
];

const active_schema = {
  schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['age'],
  properties: { age: { type: 'INTEGER', extra: { minimum: '0' } } },
};
const created_at = '2026-01-02T03:04:05';
const changed = { ...active_schema, required: [] };
const wireDatabase = [
  call('RedisPing', {}, { pong: true }),
  call('RedisSet', { key: 'k', value: 'v', expiration: 60 }, { success: true }),
  call('RedisGet', { key: 'k' }, { value: 'v', found: true }),
  call('RedisGetKeys', { pattern: '*' }, { keys: ['k'] }),
  call('RedisGetCache', {}, { cache: { k: 'v' } }),
  call('RedisDelete', { keys: ['k'] }, { count: 1 }),
  call('RedisClearCache', {}, { success: true }),
  call('MongoPing', {}, { pong: true }),
  call('MongoInsertOneSchema', { import_name: name, created_at, active_schema }, { status: 'inserted' }),
  call('MongoCountAllDocuments', {}, { amount: 1 }),
  call(
    'MongoFindJsonSchema',
    { import_name: name },
    { status: 'found', schema: { properties: { age: { type: 'INTEGER', extra: { minimum: '0' } } } } },
  ),
  call('MongoUpdateOneJsonSchema', { import_name: name, created_at, schema: changed }, { status: 'updated' }),
  call('MongoGetRawSchemas', { import_name: name }, { schemasReleases: [{ schema: active_schema }] }),
  call('MongoGetSchemasByImportRegex', { import_name: '^peo' }, { schemas: [{ importName: name }] }),
  call('MongoDeleteOneJsonSchema', { import_name: name }, { success: true, status: 'reverted' }),
  call('MongoDeleteImportName', { import_name: name }, { success: true }),
  call(
    'SetTaskId',
    { task_id: '2', task: 'validation', value: { status: 'accepted', data: { import_name: name } } },
    { success: true },
  ),
  call(
    'UpdateTaskId',
    {
      task_id: '2',
      task: 'validation',
      field: 'status',
      value: 'completed',
      message: '',
      data: { rows: '2' },
    },
    { success: true },
  ),
  call('GetTaskId', { task_id: '2', task: 'validation' }, { value: { status: 'completed' }, found: true }),
  call(
    'GetTasksByImportName',
    { import_name: name, task: 'validation' },
    { tasks: [{ data: { rows: '2' } }] },
  ),
  call('RemoveTaskId', { task_id: '2', task: 'validation' }, { success: true }),
];

const queue = 'jobs';
const schemaMessage = {
  id: 'schema-1',
  import_name: name,
  raw: true,
  schema: { type: 'object' },
  tasks: 'upload_schema',
};
const body = (message: object) => Buffer.from(JSON.stringify(message)).toString('base64');
const messaging: readonly ReflectedCall[] = [
  call(
    'DeclareTopology',
    { topology: { queues: [{ name: queue }] } },
    { topology: { exchanges: [{ name: 'typechecking.exchange' }] } },
  ),
  call(
    'Publish',
    { routingKey: queue, messages: [{ id: 'm', body: body({}), headers: { a: 'b' } }] },
    {
      results: [{ id: 'm', outcome: 'OUTCOME_CONFIRMED' }],
    },
  ),
  call('GetTopology', {}, { topology: { exchanges: [{ type: 'topic' }] } }),
  {
    method: 'Subscribe',
    requests: [{ open: { queue, credit: { messages: 1, bytes: '1024' }, lease: '30s' } }, { drain: {} }],
    answer: { opened: { limits: { messages: 1, bytes: '1024' }, lease: '30s' } },
  },
  call('Publish', {
    exchange: 'typechecking.exchange',
    routingKey: 'schemas.people',
    messages: [{ body: body(schemaMessage) }],
  }),
  call('Publish', {
    exchange: 'typechecking.exchange',
    routingKey: 'validation.people',
    messages: [{ body: body({ id: 'validation-1', import_name: name, file_data: '6162' }) }],
  }),
];

const wireMessaging: readonly ReflectedCall[] = [
  { method: 'GetMessagingParams', requests: [{}], status: 9 },
  call('GetRoutingKeySchemas', { results: true }, { routingKey: 'schemas.result.*' }),
  call('GetRoutingKeyValidations', {}, { routingKey: 'validation.*' }),
  watch('StreamSchemaMessages', {}, { id: 'schema-1' }),
  watch('StreamValidationMessages', {}, { id: 'validation-1' }),
];

const of = (service: string, calls: readonly ReflectedCall[]) =>
  calls.map((each) => ({ ...each, method: `${service}/${each.method}` }));

export const databaseCalls: readonly ReflectedCall[] = [
  ...of('connections.cache.v1.CacheService', cache),
  ...of('connections.schemas.v1.SchemaService', schemas),
  ...of('connections.tasks.v1.TaskService', tasks),
  ...of('database_service.DatabaseService', wireDatabase),
  ...tools,
];

export const messagingCalls: readonly ReflectedCall[] = [
  ...of('connections.messaging.v1.MessagingService', messaging),
  ...of('messaging.MessagingService', wireMessaging),
  ...tools,
];

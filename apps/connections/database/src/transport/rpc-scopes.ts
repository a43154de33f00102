/** The scope that a caller needs for each rpc; an rpc without a row does not compile. */
import { cacheService, schemaService, taskService, wireDatabaseService } from '@connections/proto-utils';

type Scope = 'cache.read' | 'cache.write' | 'schemas.read' | 'schemas.write' | 'tasks.read' | 'tasks.write';

const cache = {
  get: 'cache.read',
  set: 'cache.write',
  delete: 'cache.write',
  list: 'cache.read',
  clear: 'cache.write',
} as const satisfies Record<keyof typeof cacheService.methods, Scope>;

const schemas = {
  register: 'schemas.write',
  get: 'schemas.read',
  list: 'schemas.read',
  listVersions: 'schemas.read',
  revert: 'schemas.write',
  deleteActive: 'schemas.write',
  delete: 'schemas.write',
} as const satisfies Record<keyof typeof schemaService.methods, Scope>;

const tasks = {
  create: 'tasks.write',
  put: 'tasks.write',
  get: 'tasks.read',
  patch: 'tasks.write',
  list: 'tasks.read',
  listTransitions: 'tasks.read',
  remove: 'tasks.write',
  listConflicts: 'tasks.read',
  getConflict: 'tasks.read',
  replayConflict: 'tasks.write',
  dropConflict: 'tasks.write',
  importLegacyTasks: 'tasks.write',
} as const satisfies Record<keyof typeof taskService.methods, Scope>;

const wire = {
  redisGetKeys: 'cache.read',
  redisSet: 'cache.write',
  redisGet: 'cache.read',
  redisDelete: 'cache.write',
  redisPing: 'cache.read',
  redisGetCache: 'cache.read',
  redisClearCache: 'cache.write',
  mongoInsertOneSchema: 'schemas.write',
  mongoCountAllDocuments: 'schemas.read',
  mongoFindJsonSchema: 'schemas.read',
  mongoUpdateOneJsonSchema: 'schemas.write',
  mongoDeleteOneJsonSchema: 'schemas.write',
  mongoDeleteImportName: 'schemas.write',
  mongoPing: 'schemas.read',
  mongoGetRawSchemas: 'schemas.read',
  mongoGetSchemasByImportRegex: 'schemas.read',
  updateTaskId: 'tasks.write',
  setTaskId: 'tasks.write',
  getTaskId: 'tasks.read',
  getTasksByImportName: 'tasks.read',
  removeTaskId: 'tasks.write',
} as const satisfies Record<keyof typeof wireDatabaseService.methods, Scope>;

/** By the path of the rpc. */
export const rpcScopes: ReadonlyMap<string, string> = new Map([
  ...rows(cacheService.methods, cache),
  ...rows(schemaService.methods, schemas),
  ...rows(taskService.methods, tasks),
  ...rows(wireDatabaseService.methods, wire),
]);

function rows(
  methods: Readonly<Record<string, { readonly path: string }>>,
  scopes: Readonly<Record<string, Scope>>,
): [string, string][] {
  return Object.entries(scopes).map(([name, scope]) => [methods[name]?.path ?? name, scope]);
}

/** The operations that storage is measured by: the same entries, tasks and schema over gRPC and on the driver. */

export const storageOps = ['cache get', 'cache set', 'task create', 'task patch', 'schema get'] as const;

export type StorageOp = (typeof storageOps)[number];

export const valueBytes = 100;
/** Keys that sets go around, and tasks that patches go around. */
export const ringSize = 100;
export const schemaName = 'bench';

export const cacheKey = (index: number): string => `bench:${index % ringSize}`;
export const taskId = (index: number): string => `bench-${index}`;
export const taskCategory = 'validation';

export const schemaDocument = JSON.stringify({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['id', 'email'],
  properties: {
    id: { type: 'integer', minimum: 1 },
    name: { type: 'string', maxLength: 100 },
    email: { type: 'string', format: 'email' },
    country: { type: 'string', pattern: '^[A-Z]{2}$' },
  },
});

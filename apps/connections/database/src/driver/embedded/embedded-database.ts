/** The embedded drivers of the Database service: three ports on one store. */
import { inspectFolder, openEmbeddedStore } from '@connections/embedded-store';
import type { Clock, DataFolderState, StoreSpace } from '@connections/runtime';
import type { Cache } from '../../port/cache.ts';
import type { Schemas } from '../../port/schemas.ts';
import type { Tasks } from '../../port/tasks.ts';
import { EmbeddedCache } from './embedded-cache.ts';
import { EmbeddedSchemas } from './embedded-schemas.ts';
import { EmbeddedTasks } from './embedded-tasks.ts';

export interface EmbeddedDatabaseOptions {
  readonly folder: string;
  readonly sync: 'second' | 'always';
  readonly maxBytes: number;
  readonly clock: Clock;
}

/** Disposing of a port closes that port; disposing of the database closes them all and then the store. */
export interface EmbeddedDatabase extends AsyncDisposable {
  readonly cache: Cache;
  readonly schemas: Schemas;
  readonly tasks: Tasks;
  space(): StoreSpace;
}

const kind = { product: 'connections-database', format: 1 } as const;

export function inspectEmbeddedDatabase(folder: string): DataFolderState {
  return inspectFolder({ folder, ...kind });
}

/** Rejects with a DataFolderError when the folder cannot be used as it is. */
export async function openEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const { folder, sync, maxBytes, clock } = options;
  const store = await openEmbeddedStore({
    folder,
    ...kind,
    migrations: [],
    sync,
    maxBytes,
  });
  const cache = new EmbeddedCache(store, clock);
  const schemas = new EmbeddedSchemas(store);
  const tasks = new EmbeddedTasks(store, clock);
  return {
    cache,
    schemas,
    tasks,
    space: () => store.space(),
    async [Symbol.asyncDispose]() {
      for (const port of [cache, schemas, tasks]) await port[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** A store for tests of the embedded drivers that counts what they read in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type EmbeddedStore, openEmbeddedStore, type Table } from '@connections/embedded-store';

export interface WatchedStore extends EmbeddedStore {
  /** Entries and keys read since the last question. */
  takeReads(): number;
}

export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-drivers-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function openWatchedStore(context: TestContext, folder?: string): Promise<WatchedStore> {
  const store = await openEmbeddedStore({
    folder: folder ?? temporaryFolder(context),
    product: 'test',
    format: 1,
    migrations: [],
  });
  context.after(() => store[Symbol.asyncDispose]());
  let reads = 0;
  const counted = <T>(value: T): T => {
    reads++;
    return value;
  };
  return {
    folder: store.folder,
    takeReads() {
      const count = reads;
      reads = 0;
      return count;
    },
    write: (change, options) => store.write(change, options),
    space: () => store.space(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    table<Value>(name: string): Table<Value> {
      const table = store.table<Value>(name);
      return {
        get: (key) => counted(table.get(key)),
        has: (key) => counted(table.has(key)),
        put: (key, value) => table.put(key, value),
        remove: (key) => counted(table.remove(key)),
        *entries(range) {
          for (const entry of table.entries(range)) yield counted(entry);
        },
        *keys(range) {
          for (const key of table.keys(range)) yield counted(key);
        },
      };
    },
  };
}

/** The store on LMDB: writes as child transactions of LMDB's shared, asynchronous ones. */
import type { Ending, StoreSpace } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { RootDatabase } from 'lmdb';
import { DiskSync } from './disk-sync.ts';
import type { EmbeddedStore, Table } from './embedded-store.ts';
import { commitFailure } from './lmdb-errors.ts';
import { LmdbTable, type TableGate } from './lmdb-table.ts';
import { StoreUsage } from './store-usage.ts';

/** `second` acknowledges a commit, `always` waits until it is on the disk. */
export type SyncMode = 'second' | 'always';

export interface LmdbStoreOptions {
  readonly folder: string;
  readonly root: RootDatabase;
  readonly sync: SyncMode;
  readonly maxBytes: number;
  /** Runs after the data file is closed. */
  readonly release: () => void;
}

/**
 * Durability. LMDB's writer thread writes the pages of a commit with pwrite before the write resolves, so they outlive
 * the process; LMDB then syncs them to the disk right behind (its `overlappingSync`: a marker names the newest commit
 * that is synced, whose pages are not reused before the next one is). After a loss of power, which it recognises by
 * another boot id, LMDB goes back to that commit: lost is what was committed while one sync was under way.
 */
export class LmdbStore implements EmbeddedStore {
  readonly folder: string;
  readonly #root: RootDatabase;
  readonly #sync: SyncMode;
  readonly #disk: DiskSync;
  readonly #release: () => void;
  readonly #usage: StoreUsage;
  readonly #tables = new Map<string, LmdbTable<unknown>>();
  readonly #gate: { -readonly [State in keyof TableGate]: boolean } = { closed: false, writing: false };
  readonly #pending = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(options: LmdbStoreOptions) {
    this.folder = options.folder;
    this.#root = options.root;
    this.#sync = options.sync;
    this.#disk = new DiskSync(options.root);
    this.#release = options.release;
    this.#usage = new StoreUsage(options.maxBytes, this.#tables);
  }

  table<Value>(name: string): Table<Value> {
    if (this.#closing) throw failure('CLOSED', { resource: 'store' });
    const known = this.#tables.get(name);
    if (known) return known as LmdbTable<unknown> as LmdbTable<Value>;
    // Its handle would be void if the write that it was made in failed.
    if (this.#gate.writing) throw new Error(`table ${name} is opened inside a write`);
    const table = new LmdbTable<Value>(this.#root, name, this.#gate);
    this.#tables.set(name, table as LmdbTable<unknown>);
    return table;
  }

  async write<T>(
    change: () => T,
    options: { readonly signal?: Ending; readonly frees?: boolean } = {},
  ): Promise<T> {
    if (this.#closing) throw failure('CLOSED', { resource: 'store' });
    options.signal?.throwIfAborted();
    const committed = this.#commit(() => {
      options.signal?.throwIfAborted();
      if (!options.frees) this.#usage.check(this.#root.getWriteTxnId());
      return change();
    });
    this.#pending.add(committed);
    try {
      return await committed;
    } finally {
      this.#pending.delete(committed);
    }
  }

  async #commit<T>(change: () => T): Promise<T> {
    const outcome: { value?: T } = {};
    try {
      // A child transaction takes only its own changes back when it throws; its siblings in the commit stay.
      await this.#root.childTransaction(() => {
        this.#gate.writing = true;
        try {
          // Kept outside: LMDB would wait for a promise, and take one certain number for an order to abort.
          outcome.value = change();
        } finally {
          this.#gate.writing = false;
        }
      });
    } catch (error) {
      throw await commitFailure(error, this.folder);
    }
    if (this.#sync === 'always') await this.flush();
    return outcome.value as T;
  }

  space(): StoreSpace {
    if (this.#closing) throw failure('CLOSED', { resource: 'store' });
    return this.#usage.space;
  }

  /** Resolves when everything committed is on the disk. */
  async flush(): Promise<void> {
    await this.#disk.sync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#pending);
    // Closing waits for the sync of the last commit; one that failed is never synced, this empty one is.
    await this.#root.transaction(() => {});
    this.#gate.closed = true;
    await this.#root.close();
    this.#release();
  }
}

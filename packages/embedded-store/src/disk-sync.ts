/** Brings what is committed to the disk, one sync for all who wait. */
import { failure } from '@connections/runtime/errors';
import type { RootDatabase } from 'lmdb';

/** LMDB's own promise of a flush is never settled when the commit before it fails, so the environment is asked. */
export class DiskSync {
  readonly #root: RootDatabase;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(root: RootDatabase) {
    this.#root = root;
  }

  /** Resolves when everything that was committed before the call is on the disk. */
  sync(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#running = this.#run();
        return this.#running;
      });
    return this.#next;
  }

  #run(): Promise<void> {
    // Missing in the typings.
    const root = this.#root as unknown as { sync(done: (error?: Error) => void): void };
    return new Promise((resolve, reject) => {
      root.sync((cause) => {
        if (cause) reject(failure('STORE_UNREACHABLE', { store: 'embedded' }, { cause }));
        else resolve();
      });
    });
  }
}

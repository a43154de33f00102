/** Removes expired and cleared cache entries behind the calls, a few at a time. */
import type { EmbeddedStore } from '@connections/embedded-store';
import type { Clock } from '@connections/runtime';
import type { CacheTables } from './cache-tables.ts';

/** Entries removed in one write: a commit of few milliseconds, between which calls get their turn. */
const batch = 256;
/** Between two sweeps, so that entries which expire one after the other cost a commit a second at most. */
const restMs = 1_000;

export class CacheSweeper {
  readonly #store: EmbeddedStore;
  readonly #tables: CacheTables;
  readonly #clock: Clock;
  #timer: Disposable | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #sweeping: Promise<void> | undefined;
  #stopped = false;

  constructor(store: EmbeddedStore, tables: CacheTables, clock: Clock) {
    this.#store = store;
    this.#tables = tables;
    this.#clock = clock;
    if (tables.hasCleared()) this.wakeAt(clock.now());
    this.#wakeForExpiry();
  }

  /** There is something to remove from `time` on, in epoch milliseconds. */
  wakeAt(time: number): void {
    const at = Math.max(time, this.#clock.now() + restMs);
    if (this.#stopped || this.#sweeping || at >= this.#timerAt) return;
    this.#timer?.[Symbol.dispose]();
    this.#timerAt = at;
    this.#timer = this.#clock.after(at - this.#clock.now(), () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#sweeping = this.#sweep();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    try {
      let removed = batch;
      while (removed === batch && !this.#stopped) {
        removed = await this.#store.write(() => this.#tables.sweep(this.#clock.now(), batch), {
          frees: true,
        });
      }
    } catch {
      // The store is closed or its disk fails, which every call reports; the entries stay invisible meanwhile.
    } finally {
      this.#sweeping = undefined;
    }
    if (this.#stopped) return;
    if (this.#tables.hasCleared()) this.wakeAt(this.#clock.now());
    this.#wakeForExpiry();
  }

  #wakeForExpiry(): void {
    const expiry = this.#tables.nextExpiry();
    if (expiry !== undefined) this.wakeAt(expiry);
  }
}

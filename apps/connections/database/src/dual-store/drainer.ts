/** Rule 8: brings home what waits, one after the other of each task and a few tasks at a time. */
import type { Ending } from '@connections/runtime';
import type { DirtyKeys } from '../port/task-view.ts';
import type { TaskRef } from '../port/tasks.ts';
import type { DualStores } from './dual-stores.ts';
import type { KeyDrain } from './key-drain.ts';
import { unlessLost } from './store-loss.ts';

export class Drainer {
  readonly #stores: DualStores;
  readonly #keys: KeyDrain;
  /** Unknown until the first look. */
  #dirty = true;
  #waiting: Omit<DirtyKeys, 'refs'> = { count: 0, bytes: 0, oldestAt: undefined };
  #doubts = 0;

  constructor(stores: DualStores, keys: KeyDrain) {
    this.#stores = stores;
    this.#keys = keys;
  }

  /** Whether something waits, as far as this process knows: others' appends show after the next look. */
  get isDirty(): boolean {
    return this.#dirty;
  }

  /** All that is buffered, as the last look found it. */
  get waiting(): Omit<DirtyKeys, 'refs'> {
    return this.#waiting;
  }

  /** Something may wait: this process appended it, or has found the ledger away, as others may have. */
  doubt(): void {
    this.#doubts++;
    this.#dirty = true;
  }

  /**
   * What waits for this task comes home before it is read or written. False where nothing waits, or cannot come; the
   * read or write goes on then as if it had not looked.
   */
  async meet(ref: TaskRef, signal: Ending): Promise<boolean> {
    const { view, ledger } = this.#stores;
    if (!view.reachable || !ledger.reachable) return false;
    const entry = await unlessLost(view.read(ref, signal), signal);
    if (!entry?.buffered) return false;
    return (await unlessLost(this.#keys.drain(ref, signal), signal)) === true;
  }

  async run(signal: Ending): Promise<void> {
    const { pace, bounds } = this.#stores;
    while (!signal.aborted) {
      const more = await this.#round(signal).catch(() => false);
      if (!more) await pace.pause(bounds.pollMs * (0.75 + 0.5 * pace.random()), signal);
    }
  }

  /** Whether more waits, and some of it came home. */
  async #round(signal: Ending): Promise<boolean> {
    const { view, ledger, bounds, note } = this.#stores;
    if (!view.reachable) return false;
    const doubts = this.#doubts;
    const { refs, ...all } = await view.dirty(ledger.reachable ? bounds.dirtyPage : 0, signal);
    const { count } = all;
    this.#waiting = all;
    if (doubts === this.#doubts) this.#dirty = count > 0;
    const waiting = [...refs];
    let failures = 0;
    const work = async () => {
      for (let ref = waiting.shift(); ref && ledger.reachable; ref = waiting.shift()) {
        signal.throwIfAborted();
        if (await this.#keys.drain(ref, signal).catch(() => false)) continue;
        failures++;
        note('drain-failed');
      }
    };
    await Promise.all(Array.from({ length: Math.min(bounds.drainsAtOnce, refs.length) }, work));
    return count > refs.length && failures < refs.length && waiting.length === 0;
  }
}

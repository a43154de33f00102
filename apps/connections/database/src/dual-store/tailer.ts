/** Rule 4, repair: one process for each partition tells the view what the feed of the ledger says, step by step. */
import type { Ending } from '@connections/runtime';
import type { Checkpoint, Feed } from '../port/task-ledger.ts';
import type { TailStep } from '../port/task-view.ts';
import type { DualStores } from './dual-stores.ts';

/** Partitions that this process tails, each with where it stands. */
type Held = Map<number, Checkpoint | undefined>;

export class Tailer {
  readonly #stores: DualStores;
  readonly #holder: string;
  #currentAt: number | undefined;

  constructor(stores: DualStores) {
    this.#stores = stores;
    this.#holder = stores.pace.id();
    this.#currentAt = stores.pace.now();
  }

  /** Since when what this process tails may lack something; undefined while others tail everything. */
  get currentAt(): number | undefined {
    return this.#currentAt;
  }

  async run(signal: Ending): Promise<void> {
    const { pace, bounds, note } = this.#stores;
    while (!signal.aborted) {
      await this.#round(signal).catch(() => note('tail-interrupted'));
      await pace.pause(bounds.pollMs * (0.75 + 0.5 * pace.random()), signal);
    }
  }

  /** Ends when another tails a partition of ours, when one has become free, and when a store is lost. */
  async #round(signal: Ending): Promise<void> {
    const { view, ledger } = this.#stores;
    if (!view.reachable || !ledger.reachable) return;
    const held = await this.#claim(signal);
    if (held.size === 0) this.#currentAt = undefined;
    if (held.size === 0) return;
    this.#currentAt ??= this.#stores.pace.now();
    const known = [...held.values()].filter((checkpoint) => checkpoint !== undefined);
    let opened = await ledger.feed(known, signal);
    const lost = opened === 'LOST';
    if (opened === 'LOST') opened = await ledger.feed([], signal);
    if (opened === 'LOST') return;
    await using feed = opened;
    await this.#begin(held, feed.start, lost, signal);
    await this.#follow(held, feed, signal);
  }

  async #claim(signal: Ending): Promise<Held> {
    const { view, bounds } = this.#stores;
    const all = Array.from({ length: view.tail.partitions }, async (_, partition) => {
      const claim = await view.tail.claim(partition, this.#holder, bounds.claimMs, signal);
      return [partition, claim] as const;
    });
    const claims = await Promise.all(all);
    return new Map(
      claims.filter(([, { held }]) => held).map(([partition, { checkpoint }]) => [partition, checkpoint]),
    );
  }

  /** The feed is open: from here on nothing is missed. What was before, where nobody knows it, is forgotten. */
  async #begin(held: Held, start: Checkpoint, lost: boolean, signal: Ending): Promise<void> {
    if (lost) this.#stores.note('history-lost');
    const unknown = [...held].filter(([, from]) => lost || from === undefined);
    const step = { to: start, forget: true };
    await Promise.all(unknown.map(([partition]) => this.#advance(held, partition, step, signal)));
  }

  async #follow(held: Held, feed: Feed, signal: Ending): Promise<void> {
    const { view, pace, bounds } = this.#stores;
    let sweepAt = pace.now() + bounds.pollMs;
    while (held.size > 0 && !signal.aborted) {
      const { checkpoint: to, event } = await feed.next(signal);
      const partition = event && view.tail.partitionOf(event.ref);
      if (event && partition !== undefined && held.has(partition)) {
        await this.#advance(held, partition, { to, event }, signal);
      }
      if (event && pace.now() < sweepAt) continue;
      sweepAt = pace.now() + bounds.pollMs;
      const behind = [...held].filter(([, at]) => at !== to);
      await Promise.all(behind.map(([partition]) => this.#advance(held, partition, { to }, signal)));
      this.#currentAt = pace.now();
      if (!(await this.#stillHolds(held, signal))) return;
    }
  }

  async #stillHolds(held: Held, signal: Ending): Promise<boolean> {
    const now = await this.#claim(signal);
    return now.size === held.size && [...held].every(([partition, at]) => now.get(partition) === at);
  }

  /** A checkpoint that is not the one last written: the view's store fell back, or another tails as well. */
  async #advance(held: Held, partition: number, step: Omit<TailStep, 'from'>, signal: Ending): Promise<void> {
    const { view, note } = this.#stores;
    if (!held.has(partition)) return;
    if (await view.tail.advance(partition, { ...step, from: held.get(partition) }, signal)) {
      held.set(partition, step.to);
      return;
    }
    note('checkpoint-moved');
    throw new Error('the checkpoint is not the one that was written last');
  }
}

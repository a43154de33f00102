/** Watches the promise that the view comes true: a few of the durable writes, each compared with the ledger a while later. */
import type { Ending } from '@connections/runtime';
import { hasSameState } from '../domain/same-state.ts';
import type { TaskRecord } from '../port/task-operation.ts';
import type { ViewEntry } from '../port/task-view.ts';
import type { TaskRef } from '../port/tasks.ts';
import type { DualStores } from './dual-stores.ts';

/** Of the comparisons that were made so long after a write. */
export interface SampleTally {
  readonly ageMs: number;
  samples: number;
  divergences: number;
}

/** What there was at one moment, as nearly as two stores can be asked at one. */
interface Look {
  /** Undefined: none, or one that a buffer holds. Neither says anything of the view. */
  readonly entry: ViewEntry | undefined;
  readonly differs: boolean;
}

export class DivergenceSampler {
  readonly #stores: DualStores;
  readonly #signal: Ending;
  readonly #tallies: readonly SampleTally[];
  #open = 0;

  /** No sample outlives the signal by more than the call that it is in. */
  constructor(stores: DualStores, signal: Ending) {
    this.#stores = stores;
    this.#signal = signal;
    this.#tallies = stores.bounds.sampleAgesMs.map((ageMs) => ({ ageMs, samples: 0, divergences: 0 }));
  }

  /** By age, the youngest first. */
  get tallies(): readonly Readonly<SampleTally>[] {
    return this.#tallies;
  }

  /** To be told of each durable write. */
  written(ref: TaskRef): void {
    const { pace, bounds } = this.#stores;
    if (pace.random() >= bounds.sampleShare || this.#open >= bounds.samplesAtOnce) return;
    this.#open++;
    void this.#follow(ref).finally(() => this.#open--);
  }

  async #follow(ref: TaskRef): Promise<void> {
    const { pace, note } = this.#stores;
    let age = 0;
    for (const tally of this.#tallies) {
      await pace.pause(tally.ageMs - age, this.#signal);
      age = tally.ageMs;
      // Where a store is away there is nothing to compare.
      const diverges = await this.#diverges(ref).catch(() => undefined);
      if (diverges === undefined) continue;
      tally.samples++;
      if (!diverges) continue;
      tally.divergences++;
      if (tally === this.#tallies.at(-1)) note('diverged');
    }
  }

  /** A write that is under way shows in one store before the other: what counts is an entry that stays and stays wrong. */
  async #diverges(ref: TaskRef): Promise<boolean | undefined> {
    const { pace, bounds } = this.#stores;
    const first = await this.#look(ref);
    if (!first?.differs) return first?.differs;
    await pace.pause(bounds.tellMs + bounds.viewMs, this.#signal);
    const second = await this.#look(ref);
    return second?.differs && isSameEntry(first.entry, second.entry);
  }

  async #look(ref: TaskRef): Promise<Look | undefined> {
    const { view, ledger } = this.#stores;
    if (this.#signal.aborted || !view.reachable || !ledger.reachable) return undefined;
    const entry = await view.read(ref, this.#signal);
    if (!entry || entry.buffered) return { entry: undefined, differs: false };
    const record = await ledger.read(ref, { after: undefined, exact: true }, this.#signal);
    return { entry, differs: !isEntryOf(entry, record) };
  }
}

function isEntryOf({ base, task }: ViewEntry, record: TaskRecord | undefined): boolean {
  if (!base || !task || !record) return false;
  const { incarnation, revision } = record.task;
  const isAt = base.incarnation === incarnation && base.revision === revision;
  return isAt && hasSameState(task, record.task);
}

function isSameEntry(one: ViewEntry | undefined, other: ViewEntry | undefined): boolean {
  if (!one?.base || !one.task || !other?.base || !other.task) return false;
  const isAt = one.base.incarnation === other.base.incarnation && one.base.revision === other.base.revision;
  return isAt && hasSameState(one.task, other.task);
}

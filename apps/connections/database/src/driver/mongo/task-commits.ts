/** Writes of tasks on their way to the server: those of one turn of the event loop that do not meet go together. */
import type { Document } from 'mongodb';
import type { TaskRef } from '../../port/tasks.ts';
import { grouped } from './grouped.ts';
import { PendingCommit, type SizedUpdate } from './pending-commit.ts';
import { writeTogether } from './task-batch.ts';
import type { TaskCollections } from './task-collections.ts';
import { defaultNamespace } from './task-document.ts';

/** What goes together is answered together: the first waits for the last. */
const maxTogether = 128;
/** Of callers' texts: with the pipelines around them less than a server takes in one command. */
const maxBytes = 4_194_304;

interface TaskCommitsOptions {
  /** Whether no task of this one's collection has two documents, which only an operation on one alone could tell apart. */
  readonly isDistinct: (ref: TaskRef) => boolean;
  /** What a caller is told of whose write nobody can say whether it was made. */
  readonly unknown: () => Error;
}

type Update = Omit<SizedUpdate, 'upsert'>;
/** What may be part of a batch. */
type Together = PendingCommit & { readonly update: SizedUpdate };

/**
 * While a batch is under way, whatever else is to happen to its tasks waits, so that its read finds them as it left them.
 * Writes that meet on one task go alone and side by side: the server puts them in order. So does one that is made `again`:
 * what it was part of has failed.
 */
export class TaskCommits {
  readonly #collections: TaskCollections;
  readonly #options: TaskCommitsOptions;
  #turn: PendingCommit[] = [];
  /** How many go alone, by task. */
  readonly #alone = new Map<string, number>();
  /** What waits for a batch, by task. */
  readonly #held = new Map<string, PendingCommit[]>();

  constructor(collections: TaskCollections, options: TaskCommitsOptions) {
    this.#collections = collections;
    this.#options = options;
  }

  /** The document as the update leaves it, which may be as it was; null where there is none. */
  update(update: Update, again: boolean, signal: AbortSignal): Promise<Document | null> {
    const { commit, pipeline } = update;
    const alone = () => this.#collections.update(commit.ref, pipeline, signal);
    return this.#enter(commit.ref, again ? undefined : { ...update, upsert: false }, alone, signal);
  }

  /** The same, and never null: it makes the document where there is none. */
  upsert(update: Update, again: boolean, signal: AbortSignal): Promise<Document> {
    const { commit, pipeline } = update;
    const alone = () => this.#collections.upsert(commit.ref, pipeline, signal);
    return this.#enter(commit.ref, again ? undefined : { ...update, upsert: true }, alone, signal);
  }

  /** For a write that goes together with none. */
  alone<T>(ref: TaskRef, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#enter(ref, undefined, work, signal);
  }

  async #enter<T>(
    ref: TaskRef,
    update: SizedUpdate | undefined,
    alone: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const pending = new PendingCommit(ref, update, alone, signal);
    this.#await([pending]);
    return (await pending.answer) as T;
  }

  /** Until the end of the turn, in which others may come. */
  #await(pending: readonly PendingCommit[]): void {
    if (pending.length === 0) return;
    if (this.#turn.length === 0) setImmediate(() => this.#send());
    this.#turn.push(...pending);
  }

  #send(): void {
    const open = this.#turn.filter(({ isOver }) => !isOver);
    this.#turn = [];
    const together: Together[] = [];
    for (const [key, group] of grouped(open, (each) => each.key)) {
      const [first] = group;
      const held = this.#held.get(key);
      if (held) held.push(...group);
      else if (group.length === 1 && first && this.#canGoTogether(first)) together.push(first);
      else for (const pending of group) void this.#goAlone(pending);
    }
    for (const batch of batchesOf(together)) {
      const [first] = batch;
      void (batch.length === 1 && first ? this.#goAlone(first) : this.#goTogether(batch));
    }
  }

  #canGoTogether(pending: PendingCommit): pending is Together {
    return (
      pending.update !== undefined && !this.#alone.has(pending.key) && this.#options.isDistinct(pending.ref)
    );
  }

  async #goAlone(pending: PendingCommit): Promise<void> {
    const { key } = pending;
    this.#alone.set(key, (this.#alone.get(key) ?? 0) + 1);
    await pending.goAlone();
    const left = (this.#alone.get(key) ?? 1) - 1;
    if (left > 0) this.#alone.set(key, left);
    else this.#alone.delete(key);
  }

  async #goTogether(batch: readonly Together[]): Promise<void> {
    const ended = new AbortController();
    let waiting = batch.length;
    for (const pending of batch) {
      this.#held.set(pending.key, []);
      pending.beginTogether((reason) => {
        waiting--;
        if (waiting === 0) ended.abort(reason);
      });
    }
    const updates = batch.map(({ update }) => update);
    try {
      const outcomes = await writeTogether(this.#collections, updates, ended.signal);
      for (const [index, pending] of batch.entries()) {
        const outcome = outcomes[index] ?? 'UNKNOWN';
        if (pending.isOver) continue;
        if (outcome === 'NOT_MADE') void this.#goAlone(pending);
        else if (outcome === 'UNKNOWN') pending.fail(this.#options.unknown());
        else pending.settle(outcome);
      }
    } catch (error) {
      for (const pending of batch) pending.fail(error);
    } finally {
      for (const { key } of batch) this.#release(key);
    }
  }

  #release(key: string): void {
    const held = this.#held.get(key) ?? [];
    this.#held.delete(key);
    this.#await(held);
  }
}

/** Each of one collection and within the bounds. */
function batchesOf(together: readonly Together[]): Together[][] {
  const batches: Together[][] = [];
  const collections = grouped(together, ({ ref }) =>
    ref.namespace === defaultNamespace ? 'default' : 'others',
  );
  for (const group of collections.values()) {
    let batch: Together[] = [];
    let bytes = 0;
    for (const pending of group) {
      bytes += pending.update.bytes;
      if (batch.length === 0 || batch.length === maxTogether || bytes > maxBytes) {
        batch = [];
        bytes = pending.update.bytes;
        batches.push(batch);
      }
      batch.push(pending);
    }
  }
  return batches;
}

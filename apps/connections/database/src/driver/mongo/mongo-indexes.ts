/** Indexes, built in the background: a start never waits for them, and what hinders one is said with the way out. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Collection, CreateIndexesOptions, Document } from 'mongodb';
import { grouped } from './grouped.ts';
import { outcomeOf } from './mongo-errors.ts';
import type { MongoLink } from './mongo-link.ts';
import { abortable } from './mongo-options.ts';

export interface IndexPlan {
  readonly collection: Collection<Document>;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly options: CreateIndexesOptions & { readonly name: string };
  /** What stands in the way of a unique index, with the way out. */
  readonly conflicts?: (signal: AbortSignal) => Promise<string>;
}

/** A large collection takes its time; a server that was lost meanwhile is asked again. */
const buildMs = 600_000;
const conflictsMs = 30_000;
const retryMs = 30_000;
/** The index is there, under another name or with other options. */
const conflictCodes = new Set<unknown>([85, 86]);

export class MongoIndexes {
  readonly #link: MongoLink;
  readonly #plans: readonly IndexPlan[];
  /** Why a plan's index cannot be built. */
  readonly #causes = new Map<IndexPlan, string>();
  readonly #built = new Set<IndexPlan>();
  /** Settles when every index was tried once, with the outcomes in `problems`. */
  readonly tried: Promise<void>;
  #noteTried: () => void = () => {};
  readonly #retryMs: number;

  constructor(link: MongoLink, plans: readonly IndexPlan[], options: { readonly retryMs?: number } = {}) {
    this.#link = link;
    this.#plans = plans;
    this.#retryMs = options.retryMs ?? retryMs;
    this.tried = new Promise((resolve) => {
      this.#noteTried = resolve;
    });
    // It ends with the link, by the abortion of whatever it waits for.
    void this.#build().catch(() => {});
  }

  /** Why indexes are missing that should be there, a line for each cause. */
  get problems(): readonly string[] {
    return [...grouped(this.#causes, ([, cause]) => cause)].map(([cause, missing]) => {
      const names = missing.map(([{ collection, options }]) => `${options.name} on ${collection.namespace}`);
      return `the index ${names.join(', ')} cannot be built: ${cause}`;
    });
  }

  /** On the collection, or on every one that is to have it. */
  isBuilt(name: string, collection?: Collection<Document>): boolean {
    return this.#plans
      .filter((plan) => plan.options.name === name && (!collection || plan.collection === collection))
      .every((plan) => this.#built.has(plan));
  }

  async #build(): Promise<void> {
    for (;;) {
      await this.#link.reached();
      for (const plan of this.#plans) if (!this.#built.has(plan)) await this.#try(plan);
      const lost = this.#plans.some((plan) => !this.#built.has(plan) && !this.#causes.has(plan));
      if (!lost) this.#noteTried();
      if (this.#built.size === this.#plans.length) return;
      await delay(lost ? 1_000 : this.#retryMs, undefined, { signal: this.#link.closing, ref: false });
    }
  }

  async #try(plan: IndexPlan): Promise<void> {
    const { collection, key, options } = plan;
    try {
      await collection.createIndex(key, abortable(options, this.#bounded(buildMs)));
      this.#built.add(plan);
      this.#causes.delete(plan);
    } catch (error) {
      this.#link.closing.throwIfAborted();
      if (isLost(error)) return;
      const equalled =
        conflictCodes.has((error as { code?: unknown }).code) && (await this.#isEqualled(plan));
      if (equalled === 'unknown') return;
      if (equalled) {
        this.#built.add(plan);
        this.#causes.delete(plan);
      } else {
        this.#causes.set(plan, await this.#causeOf(plan, error));
      }
    }
  }

  /** Another index does what this one would. */
  async #isEqualled({ collection, key, options }: IndexPlan): Promise<boolean | 'unknown'> {
    try {
      const indexes = await collection.listIndexes(abortable({}, this.#bounded(conflictsMs))).toArray();
      return indexes.some(
        (index) =>
          JSON.stringify(index.key) === JSON.stringify(key) &&
          index.collation === undefined &&
          index.partialFilterExpression === undefined &&
          (options.unique !== true || index.unique === true),
      );
    } catch (error) {
      this.#link.closing.throwIfAborted();
      return isLost(error) ? 'unknown' : false;
    }
  }

  async #causeOf({ conflicts }: IndexPlan, error: unknown): Promise<string> {
    if (outcomeOf(error) !== 'DUPLICATE') return (error as Error).message;
    // The server's message for this one holds keys of callers.
    const unknown = 'several documents have the same key';
    return (await conflicts?.(this.#bounded(conflictsMs)).catch(() => unknown)) ?? unknown;
  }

  #bounded(ms: number): AbortSignal {
    return AbortSignal.any([AbortSignal.timeout(ms), this.#link.closing]);
  }
}

/** The server was: nobody knows whether the index can be built. */
function isLost(error: unknown): boolean {
  const outcome = outcomeOf(error);
  return outcome === 'UNKNOWN' || outcome === 'UNSENT';
}

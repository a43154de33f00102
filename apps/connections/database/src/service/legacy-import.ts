/** Brings the tasks that only the first implementation's Redis knows into the authority, page by page. */
import { createHash } from 'node:crypto';
import { type Ending, limits } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { legacyRef } from '../domain/legacy-task.ts';
import { pagePosition, pageToken } from '../domain/page-token.ts';
import type { LegacyTasks } from '../port/legacy-tasks.ts';
import type { Adopted, TaskAdoption } from '../port/task-adoption.ts';
import { type LegacyName, readLegacy } from './legacy-reading.ts';
import { type LegacyCounts, LegacyTally, type UnreadableTask } from './legacy-tally.ts';

export interface LegacyImportOptions {
  /** Undefined where tasks are in one store, as the next. */
  readonly legacy: LegacyTasks | undefined;
  readonly adoption: TaskAdoption | undefined;
}

export interface LegacyPageRequest {
  /** Otherwise nothing is changed, and what would be is counted. */
  readonly apply: boolean;
  /** Empty for the first page. */
  readonly pageToken: string;
}

export interface LegacyPage extends LegacyCounts {
  readonly problems: readonly UnreadableTask[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/** Tasks that are under way at a time: a ledger commits them together, and other callers beside them. */
const atOnce = 32;
/** Of a hash, names and values. What is larger is brought one by one. */
const smallBytes = 16_384;
/** JSON that escapes what is not ASCII takes three times the bytes of the text. */
const maxBytes = 4 * limits.taskBytes;

export class LegacyImport {
  readonly #options: LegacyImportOptions;

  constructor(options: LegacyImportOptions) {
    this.#options = options;
  }

  /** A failure leaves what was imported by then, which is known the next time. */
  async page(
    { apply, pageToken: token }: LegacyPageRequest,
    principal: string,
    signal: Ending,
  ): Promise<LegacyPage> {
    const { legacy, adoption } = this.#options;
    if (!legacy || !adoption) throw failure('LEGACY_IMPORT_UNSUPPORTED', {});
    const listing = ['legacy tasks', String(apply)];
    const { keys, next } = await legacy.page(pagePosition(listing, token), signal);
    const tally = new LegacyTally();
    const missing = await missingOf(new Set(keys), adoption, tally, signal);
    const large: LegacyName[] = [];
    const bring = async (name: LegacyName, most: number) => {
      const found = await readLegacy(legacy, name, most, signal);
      if (found.outcome === 'GONE') return;
      if (found.outcome === 'UNREADABLE') tally.unreadable(name.key, found.problem);
      else if (found.outcome === 'LARGE' && most < maxBytes) large.push(name);
      else if (found.outcome === 'LARGE') tally.unreadable(name.key, `it is larger than ${most} bytes`);
      else if (!apply) tally.counts.imported++;
      else {
        const adopted = { ...found.task, principal, requestId: requestIdOf(name) };
        tally.counts[countOf[await adoption.adopt(name.ref, adopted, signal)]]++;
      }
    };
    await forEachOf(missing, atOnce, (name) => bring(name, smallBytes));
    await forEachOf(large, 1, (name) => bring(name, maxBytes));
    const nextPageToken = next === undefined ? '' : pageToken(listing, next);
    return { ...tally.counts, problems: tally.problems, nextPageToken };
  }
}

const countOf = {
  ADOPTED: 'imported',
  KNOWN: 'known',
  REMOVED: 'removed',
} as const satisfies Record<Adopted, keyof LegacyCounts>;

/** Those that nobody knows of; the others are counted. */
async function missingOf(
  keys: Iterable<string>,
  adoption: TaskAdoption,
  tally: LegacyTally,
  signal: Ending,
): Promise<LegacyName[]> {
  const names: LegacyName[] = [];
  for (const key of keys) {
    const ref = legacyRef(key);
    if (ref) names.push({ key, ref });
    else tally.unreadable(key, 'the key names no task');
  }
  const found = await adoption.look(
    names.map(({ ref }) => ref),
    signal,
  );
  return names.filter((_, at) => {
    const outcome = found[at] ?? 'MISSING';
    if (outcome === 'MISSING') return true;
    tally.counts[countOf[outcome]]++;
    return false;
  });
}

/** A few at a time. The first failure stops all. */
async function forEachOf<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.toReversed();
  const next = async () => {
    try {
      for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
    } finally {
      // The others end with what they are at.
      waiting.length = 0;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: limit }, next));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
}

/** Of the task, not of the run: who imports it beside us has the same. */
function requestIdOf({ key }: LegacyName): string {
  return `import-legacy:${createHash('sha256').update(key).digest('base64url')}`;
}

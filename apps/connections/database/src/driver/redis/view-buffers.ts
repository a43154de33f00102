/** Rules 7 and 8 on Redis: what waits in the view while the ledger is away. */

import { setTimeout as sleep } from 'node:timers/promises';
import { abortSignalOf, type Ending } from '@connections/runtime';
import { hasReason } from '@connections/runtime/errors';
import type { Append, AppendOutcome, DirtyKeys } from '../../port/task-view.ts';
import type { TaskRef } from '../../port/tasks.ts';
import type { RedisCalls } from './redis-calls.ts';
import type { Reply } from './redis-connection.ts';
import type { ClockSample, ServerFacts } from './server-facts.ts';
import { appendOperation, dropBuffer, readDirty } from './view-buffer-scripts.ts';
import { ViewDeadline } from './view-deadline.ts';
import { taskLines } from './view-entry.ts';
import { partitionCount, partitionKeys, refOf, type TaskKeys, taskKeys } from './view-keys.ts';
import { operationText } from './view-operation.ts';

/**
 * In all: 100 000 tasks, 256 MiB of entries and operations. Every partition has an equal share, for a script sees one
 * only: what the names of tasks happen to put together may be refused a little earlier.
 */
const keysPerPartition = Math.floor(100_000 / partitionCount);
const bytesPerPartition = 268_435_456 / partitionCount;
const operationsPerTask = 64;
/** Since the oldest task of the partition waits. */
const maxAgeMs = 900_000;

/**
 * A partition tells so many of its oldest, or this part of those asked for: what waits is spread, and a partition whose
 * oldest cannot come home does not keep the others waiting.
 */
const fewNames = 16;

export class ViewBuffers {
  readonly #calls: RedisCalls;
  /** What an append has heard of a clock since its server was greeted. */
  readonly #clocks = new WeakMap<ServerFacts, ClockSample>();

  constructor(calls: RedisCalls) {
    this.#calls = calls;
  }

  async append(ref: TaskRef, append: Append, signal: Ending): Promise<AppendOutcome> {
    const deadline = new ViewDeadline(append.withinMs);
    const keys = taskKeys(ref);
    const facts = this.#calls.servers.factsOf(keys.entry);
    if (facts && !facts.keepsLasting) return 'UNSAFE';
    try {
      return await this.#append(keys, append, facts, deadline, signal);
    } catch (error) {
      if (hasReason(error, 'STORE_FULL')) return 'FULL';
      // Until its time has passed it may still be done.
      if (hasReason(error, 'OUTCOME_UNKNOWN')) await waitFor(deadline, signal);
      throw error;
    }
  }

  async drop(ref: TaskRef, mark: string, signal: Ending): Promise<boolean> {
    const { partition, entry, lease, buffer, name } = taskKeys(ref);
    const { dirty, bytes, index } = partition;
    const keys = [entry, lease, buffer, dirty, bytes, index] as const;
    return (await this.#calls.run(dropBuffer, keys, [name, JSON.stringify(mark)], signal)) === 1;
  }

  /** Not of one moment. The oldest are those among what each partition tells. */
  async dirty(limit: number, signal: Ending): Promise<DirtyKeys> {
    const each = Math.min(limit, Math.max(fewNames, Math.ceil(limit / fewNames)));
    const asks = Array.from({ length: partitionCount }, (_, partition) => {
      const { dirty, bytes } = partitionKeys(partition);
      return this.#calls.run(readDirty, [dirty, bytes], [`${each}`], signal);
    });
    const found = { count: 0, bytes: 0 };
    const waiting: { readonly name: string; readonly since: number }[] = [];
    for (const reply of await Promise.all(asks)) {
      const [count, bytes, members] = reply as [number, number, readonly Reply[]];
      found.count += count;
      found.bytes += bytes;
      for (let at = 0; at < members.length; at += 2) {
        waiting.push({ name: String(members[at]), since: Number(members[at + 1]) });
      }
    }
    waiting.sort((one, other) => one.since - other.since);
    return {
      ...found,
      oldestAt: waiting[0]?.since,
      refs: waiting.slice(0, limit).map(({ name }) => refOf(name)),
    };
  }

  async #append(
    keys: TaskKeys,
    append: Append,
    facts: ServerFacts | undefined,
    deadline: ViewDeadline,
    signal: Ending,
  ): Promise<AppendOutcome> {
    const { partition, entry, lease, buffer } = keys;
    const { epoch, dirty, bytes, index } = partition;
    const scriptKeys = [epoch, lease, entry, buffer, dirty, bytes, index] as const;
    const args = appendArguments(keys.name, append);
    // A second time with the clock that the refusal told: the first was of a slow greeting, or the server has another now.
    for (let again = false; ; again = true) {
      const { notBefore, notAfter } = deadline.at(this.#clockOf(facts));
      const times = [notBefore, notAfter].map((time) => time.toFixed(3));
      const reply = await this.#calls.run(appendOperation, scriptKeys, [...times, ...args], signal);
      const [outcome, serverMs] = reply as [Buffer, number];
      const said = String(outcome) as AppendOutcome;
      if (said !== 'LATE' || again || deadline.leftMs <= 0) return said;
      if (facts) this.#clocks.set(facts, { serverMs, heardAt: performance.now() });
    }
  }

  #clockOf(facts: ServerFacts | undefined): ClockSample {
    const clock = facts && (this.#clocks.get(facts) ?? facts.clock);
    // Of a server that has not said: no time of its is in time, and the refusal tells it.
    return clock && Number.isFinite(clock.serverMs) ? clock : { serverMs: 0, heardAt: performance.now() };
  }
}

/** All but the times, in the order of the script. */
export function appendArguments(name: string, { on, operation, task }: Append): string[] {
  const { stamp, mark } = on ?? {};
  return [
    on ? '1' : '0',
    stamp ? JSON.stringify(stamp.incarnation) : '',
    stamp ? `${stamp.revision}` : '',
    mark === undefined ? '' : JSON.stringify(mark),
    name,
    JSON.stringify(operation.mark),
    ...taskLines(task, stamp),
    operationText(operation),
    ...[keysPerPartition, bytesPerPartition, operationsPerTask, maxAgeMs].map(String),
  ];
}

async function waitFor(deadline: ViewDeadline, signal: Ending): Promise<void> {
  const ms = deadline.leftMs;
  if (ms > 0) await sleep(ms, undefined, { signal: abortSignalOf(signal) }).catch(() => {});
  signal.throwIfAborted();
}

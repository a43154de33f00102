/** The view of tasks on Redis. */

import { randomUUID } from 'node:crypto';
import type { Ending } from '@connections/runtime';
import type { Checkpoint } from '../../port/task-ledger.ts';
import type { TaskRecord } from '../../port/task-operation.ts';
import type {
  Append,
  AppendOutcome,
  DirtyKeys,
  LeaseOutcome,
  TaskView,
  ViewEntry,
  ViewTail,
  WholeEntry,
} from '../../port/task-view.ts';
import type { Task, TaskQuery, TaskRef } from '../../port/tasks.ts';
import { RedisCalls } from './redis-calls.ts';
import type { Reply } from './redis-connection.ts';
import type { RedisServers } from './redis-servers.ts';
import { ViewBuffers } from './view-buffers.ts';
import { filledLines, storedEntry } from './view-entry.ts';
import { fillEntry, leaseEntry, readWholeEntry, tellEntry } from './view-entry-scripts.ts';
import { taskKeys } from './view-keys.ts';
import { ViewList } from './view-list.ts';
import { operationOf } from './view-operation.ts';
import { RedisViewTail } from './view-tail.ts';

export class RedisTaskView implements TaskView, AsyncDisposable {
  readonly tail: ViewTail;
  readonly #servers: RedisServers;
  readonly #calls: RedisCalls;
  readonly #buffers: ViewBuffers;
  readonly #list: ViewList;

  constructor(servers: RedisServers) {
    this.#servers = servers;
    this.#calls = new RedisCalls(servers, 'task');
    this.tail = new RedisViewTail(this.#calls);
    this.#buffers = new ViewBuffers(this.#calls);
    this.#list = new ViewList(this.#calls);
  }

  get reachable(): boolean {
    return this.#servers.ready;
  }

  async read(ref: TaskRef, signal: Ending): Promise<ViewEntry | undefined> {
    const keys = taskKeys(ref);
    const reply = await this.#calls.read(keys.entry, ['MGET', keys.entry, keys.partition.epoch], signal);
    const found = entryOf(ref, reply as readonly Reply[], false);
    return found && { base: found.base, task: found.task, buffered: found.buffered };
  }

  async readWhole(ref: TaskRef, signal: Ending): Promise<WholeEntry | undefined> {
    const { partition, entry, buffer } = taskKeys(ref);
    const reply = await this.#calls.run(readWholeEntry, [partition.epoch, entry, buffer], [], signal);
    if (reply === null) return undefined;
    const [text, at, operations] = reply as readonly [Reply, Reply, readonly Reply[]];
    const found = entryOf(ref, [text, at], true);
    return found && { ...found, operations: operations.map((stored) => operationOf(String(stored))) };
  }

  async lease(ref: TaskRef, forMs: number, signal: Ending): Promise<LeaseOutcome> {
    const { partition, lease, entry } = taskKeys(ref);
    const keys = [partition.epoch, partition.checkpoint, lease, entry] as const;
    const reply = await this.#calls.run(leaseEntry, keys, [randomUUID(), lifeOf(forMs)], signal);
    if (reply === 0) return { outcome: 'DENIED' };
    if (reply === 1) return { outcome: 'HELD' };
    const [id, at] = (reply as readonly Reply[]).map(String) as [string, Checkpoint];
    return { outcome: 'GRANTED', lease: id, checkpoint: at };
  }

  async fill(
    ref: TaskRef,
    lease: string,
    record: TaskRecord,
    ttlMs: number,
    signal: Ending,
  ): Promise<boolean> {
    const { partition, lease: leaseKey, entry, name } = taskKeys(ref);
    const keys = [partition.epoch, leaseKey, entry, partition.index] as const;
    const args = [lease, filledLines(record), lifeOf(ttlMs), name];
    return (await this.#calls.run(fillEntry, keys, args, signal)) === 1;
  }

  async tell(ref: TaskRef, record: TaskRecord | undefined, ttlMs: number, signal: Ending): Promise<void> {
    const { partition, lease, entry, name } = taskKeys(ref);
    const keys = [partition.epoch, lease, entry, partition.index] as const;
    const args = record
      ? [...stampArguments(record), filledLines(record), lifeOf(ttlMs)]
      : ['', '0', '', '0'];
    await this.#calls.run(tellEntry, keys, [name, ...args], signal);
  }

  append(ref: TaskRef, append: Append, signal: Ending): Promise<AppendOutcome> {
    return this.#buffers.append(ref, append, signal);
  }

  drop(ref: TaskRef, mark: string, signal: Ending): Promise<boolean> {
    return this.#buffers.drop(ref, mark, signal);
  }

  dirty(limit: number, signal: Ending): Promise<DirtyKeys> {
    return this.#buffers.dirty(limit, signal);
  }

  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<{ readonly tasks: readonly Task[]; readonly next: string | undefined }> {
    return this.#list.list(query, page, signal);
  }

  /** Rejects unless every server that holds keys answers. */
  async ping(signal: Ending): Promise<void> {
    const masters = await this.#calls.masters(signal);
    await Promise.all(masters.map((master) => this.#calls.readFrom(master, ['PING'], signal)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#calls.close();
  }
}

function entryOf(ref: TaskRef, [text = null, epoch = null]: readonly Reply[], withRing: boolean) {
  if (text === null) return undefined;
  return storedEntry(ref, String(text), epoch === null ? undefined : String(epoch), withRing);
}

function stampArguments({ task }: TaskRecord): [incarnation: string, revision: string] {
  return [JSON.stringify(task.incarnation), `${task.revision}`];
}

/** Redis refuses a life that is over. */
function lifeOf(ms: number): string {
  return `${Math.max(1, Math.round(ms))}`;
}

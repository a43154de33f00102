/** What the clauses of the task feed do again and again. */
import assert from 'node:assert/strict';
import { type Clause, eventually, type World } from '@connections/testing';
import type { FeedBatch, TaskChange, TaskFeed } from '../src/port/task-feed.ts';
import type { TaskCapabilities, Tasks } from '../src/port/tasks.ts';
import type { TasksWorld } from './tasks-acts.ts';

/** The feed is told of by writes: it is tested beside the tasks that it follows. */
export interface FollowedTasks {
  readonly capabilities: TaskCapabilities;
  readonly tasks: Tasks;
  readonly feed: TaskFeed;
}

export type FeedClause = Clause<FollowedTasks>;
export type FeedWorld = World<FollowedTasks>;

/** What a follower needs of a world. */
interface Followed {
  readonly port: { readonly feed: TaskFeed };
  /** What it is told of namespaces that do not begin so, it leaves aside. */
  readonly namespace: string;
}

/** No batch for so long: the feed is stuck, however busy the machine. */
const deadlineMs = 20_000;
/** So many batches without anything of ours: what is waited for will not come any more. */
export const patienceBatches = 30;

/** The world of the tasks, for what the clauses of the tasks do. */
export function tasksOf(world: FeedWorld): TasksWorld {
  const { port, namespace, signal, now, passTime } = world;
  const reopen = async () => (await world.reopen()).tasks;
  return { port: port.tasks, namespace, signal, now, passTime, reopen };
}

/** Reads a feed as fast as it tells, and keeps what it was told of the world's own tasks. */
export class Follower implements AsyncDisposable {
  readonly told: TaskChange[] = [];
  /** Of every batch that was read. */
  readonly tokens: string[] = [];
  lost: string | undefined;
  #idle = 0;
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;

  constructor({ port, namespace }: Followed, after?: string) {
    this.#reading = this.#read(port.feed.open(after, this.#stop.signal), namespace);
    this.#reading.catch((error) => {
      this.lost ??= String(error);
    });
  }

  /** Resolves when the feed has begun. */
  static async from(world: Followed, after?: string): Promise<Follower> {
    const follower = new Follower(world, after);
    await follower.until(() => assert.ok(follower.tokens.length > 0, 'it does not begin'));
    return follower;
  }

  /** Of the last batch that was read. */
  get token(): string {
    return this.tokens.at(-1) ?? '';
  }

  /** What was told last of each task, by its id. */
  get last(): Map<string, TaskChange> {
    return new Map(this.told.map((change) => [change.ref.id, change]));
  }

  /** Resolves when the check does not throw any more. */
  async until(check: () => void): Promise<void> {
    const last = this.#idle + patienceBatches;
    const outcome = await eventually(() => {
      // What is read after this cannot be what the check missed.
      const isOver = this.lost !== undefined || this.#idle > last;
      try {
        check();
        return undefined;
      } catch (error) {
        if (isOver)
          return this.lost === undefined ? error : new assert.AssertionError({ message: this.lost });
        throw error;
      }
    }, deadlineMs);
    if (outcome !== undefined) throw outcome;
  }

  /** Until every revision, by the id of its task, was told; 0 for a removed one. */
  async untilTold(revisions: Readonly<Record<string, number>>): Promise<void> {
    await this.until(() => {
      const told = Object.keys(revisions).map((id) => {
        const change = this.last.get(id);
        return [id, change && (change.task?.revision ?? 0)];
      });
      assert.deepEqual(Object.fromEntries(told), revisions);
    });
  }

  /** Resolves when a batch has come that is newer than this call. */
  async untilRead(): Promise<void> {
    const before = this.tokens.length;
    await this.until(() => assert.ok(this.tokens.length > before, 'no batch comes'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the test is over'));
    await this.#reading.catch(() => {});
  }

  async #read(batches: AsyncIterable<FeedBatch>, namespace: string): Promise<void> {
    for await (const batch of batches) {
      if (batch.outcome === 'HISTORY_LOST') {
        this.lost = batch.reason;
        continue;
      }
      const own = batch.changes.filter(({ ref }) => ref.namespace.startsWith(namespace));
      this.told.push(...own);
      if (own.length === 0) this.#idle++;
      this.tokens.push(batch.token);
    }
  }
}

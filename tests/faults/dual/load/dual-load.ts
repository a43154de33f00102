/** The callers of two processes: most tasks have one caller, a few have several. */
import { connectDatabase, type DatabaseClient } from '@connections/proto-utils';
import type { SeededChance } from '../../run/seeded-chance.ts';
import type { TaskCall } from '../check/history.ts';
import { taskKey } from '../world/stored-tasks.ts';
import type { Asking } from './recorded-calls.ts';
import { type KnownTask, TaskCaller } from './task-caller.ts';

export interface DualLoadOptions {
  readonly addresses: readonly [string, string];
  readonly callers: number;
  readonly pauseMs: number;
  readonly chance: SeededChance;
}

const tasksOfOne = 3;
const sharedTasks = 3;
/** Callers who also write the shared ones. */
const sharers = 4;
/** Longer than a service may take; and a few who do not wait for that. */
const patientMs = 6_000;
const impatientMs = 1_500;

export class DualLoad implements Disposable {
  readonly clients: readonly [DatabaseClient, DatabaseClient];
  readonly tasks: readonly KnownTask[];
  readonly #callers: readonly TaskCaller[];
  #calls: TaskCall[] = [];

  constructor({ addresses, callers, pauseMs, chance }: DualLoadOptions) {
    const [first, second] = addresses;
    this.clients = [connectDatabase(first), connectDatabase(second)];
    const shared = Array.from({ length: sharedTasks }, (_, at) => knownTask(`shared-${at}`, at, true));
    const owned = Array.from({ length: callers }, (_, caller) =>
      Array.from({ length: tasksOfOne }, (_, at) => knownTask(`c${caller}-${at}`, caller + at, false)),
    );
    this.tasks = [...shared, ...owned.flat()];
    this.#callers = owned.map((tasks, at) => {
      const timeoutMs = at % 3 === 2 ? impatientMs : patientMs;
      const [one, other] = [0, 1].map((replica) => {
        const client = this.clients[replica] as DatabaseClient;
        return { client, replica, timeoutMs };
      }) as [Asking, Asking];
      return new TaskCaller({
        name: `r${at}`,
        tasks: at < sharers ? [...tasks, ...shared.slice(0, 1 + (at % sharedTasks))] : tasks,
        processes: at % 2 === 0 ? [one, other] : [other, one],
        chance: chance.fork(),
        pauseMs,
        record: (call) => this.#calls.push(call),
      });
    });
  }

  start(): void {
    for (const caller of this.#callers) caller.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#callers.map((caller) => caller.stop()));
  }

  /** Since the last time. */
  taken(): TaskCall[] {
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }

  isShared(key: string): boolean {
    return this.tasks.some(({ name, shared }) => shared && taskKey(name.namespace, name.id) === key);
  }

  [Symbol.dispose](): void {
    for (const client of this.clients) client.close();
  }
}

function knownTask(id: string, at: number, shared: boolean): KnownTask {
  // Each namespace but the default lies in a collection that it shares with the others.
  const namespace = at % 3 === 2 ? 'elsewhere' : 'default';
  return { name: { namespace, id }, shared, token: undefined, exists: false, left: undefined };
}

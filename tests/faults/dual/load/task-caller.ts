/**
 * One caller of tasks: writes and reads its own, one call after the other, and now and then some that others write too.
 * It repeats requests whose outcome it does not know, and some that were acknowledged.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { SeededChance } from '../../run/seeded-chance.ts';
import type { ReadCall, TaskCall, WriteCall } from '../check/history.ts';
import {
  type Answered,
  type AskedCall,
  type Asking,
  recordedRead,
  recordedWrite,
  type TaskName,
} from './recorded-calls.ts';

/** After a try that may still take effect: so few that its request id stays among the last 16. */
const writesAfterOpen = 10;
const mostTries = 4;
/** Callers go back to their own process after this. */
const elsewhereMs = 500;

export interface KnownTask {
  readonly name: TaskName;
  readonly shared: boolean;
  /** The newest that was answered. */
  token: string | undefined;
  exists: boolean;
  /** Writes that it may still have before the next round; undefined: as many as it likes. */
  left: number | undefined;
}

export interface TaskCallerOptions {
  readonly name: string;
  readonly tasks: readonly KnownTask[];
  /** The first is its own process. */
  readonly processes: readonly [Asking, Asking];
  readonly chance: SeededChance;
  readonly pauseMs: number;
  readonly record: (call: TaskCall) => void;
}

export class TaskCaller {
  readonly #options: TaskCallerOptions;
  #numbers = 0;
  #elsewhereUntil = 0;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: TaskCallerOptions) {
    this.#options = options;
  }

  start(): void {
    const { tasks } = this.#options;
    for (const task of tasks) {
      task.left = undefined;
      task.token = undefined;
    }
    this.#stopped = false;
    this.#running = this.#run();
  }

  /** Resolves when its last call has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { tasks, chance, pauseMs } = this.#options;
    while (!this.#stopped) {
      await delay(pauseMs * chance.between(0.5, 1.5));
      const free = tasks.filter(({ left }) => left === undefined || left > 0);
      if (free.length === 0) continue;
      const task = chance.of(free);
      if (chance.is(0.55)) await this.#write(task);
      else await this.#read(task);
    }
  }

  async #read(task: KnownTask): Promise<void> {
    const { chance, record } = this.#options;
    const strong = chance.is(0.12);
    const token = chance.is(0.6) ? task.token : undefined;
    const call = await recordedRead(this.#asking(chance.is(0.3)), task.name, { strong, token });
    this.#noteSilence(call);
    record(call);
    // What a plain read found may be older than the last write.
    if (call.text !== undefined && (strong || token !== undefined)) task.token = call.text;
  }

  async #write(task: KnownTask): Promise<void> {
    const { chance } = this.#options;
    const asked = this.#ask(task);
    let open = false;
    for (let tries = 1; tries <= mostTries; tries++) {
      const call = await this.#try(task, asked, chance.is(0.15));
      open ||= call.open;
      if (call.outcome === 'DURABLE' || call.outcome === 'BUFFERED') {
        task.exists = asked.operation !== 'remove';
        if (!chance.is(0.04)) return this.#limit(task, open && !task.shared ? writesAfterOpen : undefined);
      } else if (call.outcome !== 'UNKNOWN') {
        if (call.reason === 'TASK_NOT_FOUND') task.exists = false;
        break;
      } else if (task.shared ? call.open : !chance.is(call.open ? 0.8 : 0.5)) {
        break;
      }
    }
    // It may happen at any moment until the end of the round: what its caller wrote next would have no order.
    if (open && !task.shared) this.#limit(task, 0);
  }

  #limit(task: KnownTask, left: number | undefined): void {
    if (task.left !== undefined) task.left--;
    if (left !== undefined) task.left = Math.min(left, task.left ?? left);
  }

  #ask({ exists, shared }: KnownTask): AskedCall {
    const { name, chance } = this.#options;
    const number = ++this.#numbers;
    const kinds = ['put', 'put', 'patch', 'patch', 'patch', 'patch', 'patch', 'remove'] as const;
    const isFirst = !exists && chance.is(0.8);
    const operation = isFirst ? 'put' : chance.of(shared ? kinds.slice(1, -1) : kinds);
    return {
      request: `${name}.${number}`,
      operation,
      status: `s${number % 3}`,
      plain: operation === 'put' && chance.is(0.1),
      allowsBuffer: chance.is(0.9),
    };
  }

  async #try(task: KnownTask, asked: AskedCall, elsewhere: boolean): Promise<Answered<WriteCall>> {
    const call = await recordedWrite(this.#asking(elsewhere), task.name, asked);
    this.#noteSilence(call);
    this.#options.record(call);
    if (call.text !== undefined) task.token = call.text;
    return call;
  }

  #asking(elsewhere: boolean): Asking {
    const [own, other] = this.#options.processes;
    return elsewhere !== performance.now() < this.#elsewhereUntil ? other : own;
  }

  #noteSilence(call: WriteCall | ReadCall): void {
    const isSilent = call.kind === 'write' ? call.open : call.outcome === 'UNAVAILABLE' && !call.reason;
    if (isSilent && call.replica === this.#options.processes[0].replica) {
      this.#elsewhereUntil = performance.now() + elsewhereMs;
    }
  }
}

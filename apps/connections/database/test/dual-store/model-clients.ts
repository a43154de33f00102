/** The clients of a run: what they ask, and what the answers must not be. */

import { isStatusError } from '@connections/grpc/status';
import { hasReason } from '@connections/runtime/errors';
import type { DualTasks } from '../../src/dual-store/dual-tasks.ts';
import { readMark } from '../../src/dual-store/read-mark.ts';
import type { Task, TaskRead, TaskRef } from '../../src/port/tasks.ts';
import type { ModelledLedger } from './modelled-ledger.ts';
import { type Asked, absent, type Outcome, shapeOf, Told } from './told.ts';
import type { Owner, World } from './world.ts';

export interface Process {
  readonly owner: Owner;
  readonly tasks: DualTasks;
}

export interface Tally {
  durable: number;
  buffered: number;
  unknown: number;
  refused: number;
  read: number;
  unread: number;
}

export interface Acknowledged {
  readonly id: string;
  readonly requestId: string;
  readonly askedAt: number;
}

/** A put or a removal: it leaves nothing of what came before. */
export interface Reset {
  readonly id: string;
  readonly requestId: string;
  answeredAt: number;
}

/** One in progress. Its process may die; then it is nobody's. */
interface Call {
  owner: Owner;
  readonly lost: () => void;
}

interface Answer {
  readonly outcome: Outcome;
  readonly token?: string | undefined;
  readonly task?: Task | undefined;
}

const namespace = 'default';
const never = new AbortController().signal;
const nobody: Owner = { dead: false };
/** Longer than any command may be on its way that changes a task. */
export const settledMs = 300;

export class Clients {
  readonly told = new Map<string, Told>();
  readonly tally: Tally = { durable: 0, buffered: 0, unknown: 0, refused: 0, read: 0, unread: 0 };
  /** What was answered BUFFERED since the last comparison. */
  readonly acknowledged: Acknowledged[] = [];
  readonly resets: Reset[] = [];
  /** The view fell back since the last comparison: a BUFFERED answer is as good as its store. */
  fallenBack = false;
  broken: string | undefined;
  readonly #world: World;
  readonly #ledger: ModelledLedger;
  readonly #shared: ReadonlySet<string>;
  readonly #choose: () => Process;
  readonly #open = new Set<Call>();
  #numbers = 0;

  constructor(world: World, ledger: ModelledLedger, shared: ReadonlySet<string>, choose: () => Process) {
    this.#world = world;
    this.#ledger = ledger;
    this.#shared = shared;
    this.#choose = choose;
  }

  get open(): number {
    return this.#open.size;
  }

  of(id: string): Told {
    const told = this.told.get(id) ?? new Told();
    this.told.set(id, told);
    return told;
  }

  /** Whether the order of what happened to the task is known. */
  isOrdered(id: string): boolean {
    const { exempt, buffered } = this.of(id);
    return !this.#shared.has(id) && !exempt && !(buffered > 0 && this.fallenBack);
  }

  /** The client hears nothing; what is stuck on its way may still arrive, so that it waits until that is over. */
  lost(owner: Owner): void {
    for (const call of this.#open) {
      if (call.owner !== owner) continue;
      call.owner = nobody;
      this.#world.pause(nobody, settledMs).then(() => {
        this.#open.delete(call);
        call.lost();
      });
    }
  }

  write(id: string): void {
    const { choices } = this.#world;
    const told = this.of(id);
    if (told.busy >= (this.#shared.has(id) ? 3 : 1)) return;
    const number = `${id}${++this.#numbers}`;
    const isFirst = told.states.has(absent) && choices.chance(0.7);
    const asked: Asked = {
      number,
      kind: isFirst ? 'put' : choices.of(this.#world.weather.kinds),
      status: `s${this.#numbers % 3}`,
      plain: choices.chance(0.2),
    };
    const began = told.begin(asked);
    const askedAt = this.#world.now;
    const reset = { id, requestId: number, answeredAt: Number.POSITIVE_INFINITY };
    if (asked.kind !== 'patch') this.resets.push(reset);
    this.#world.note(() => `client asks ${JSON.stringify(asked)}`);
    const end = ({ outcome, token, task }: Answer) => {
      this.#world.note(
        () => `client is answered ${number} ${outcome} ${token && JSON.stringify(readMark(token))}`,
      );
      this.tally[outcome.toLowerCase() as Lowercase<Outcome>]++;
      told.end(asked, outcome, began);
      if (token !== undefined) told.token = token;
      if (task && told.buffered === 0 && this.isOrdered(id) && !told.states.has(shapeOf(task))) {
        this.#break('I2 a write was answered with a task that its client cannot have made');
      }
      if (outcome === 'BUFFERED') this.acknowledged.push({ id, requestId: number, askedAt });
      reset.answeredAt = this.#world.now;
    };
    const lost = () => end({ outcome: 'UNKNOWN' });
    this.#call(lost, async (call) => {
      const answer = await this.#ask(call, asked, id);
      return () => end(answer);
    });
  }

  read(id: string): void {
    const { choices } = this.#world;
    const told = this.of(id);
    const token = choices.chance(0.6) ? told.token : undefined;
    const { version } = told;
    const strong = choices.chance(0.1);
    const since = this.#ledger.log.length;
    const isSettled = () => told.version === version && told.busy === 0;
    const lost = () => {};
    this.#call(lost, async (call) => {
      const { tasks } = this.#process(call);
      try {
        const found = await tasks.get(refOf(id), { token, strong }, never);
        return () => {
          this.tally.read++;
          this.#world.note(() => `client read ${id} ${JSON.stringify(found)} since ${since}`);
          this.#checkRead(id, found, { token, since, settled: isSettled() });
        };
      } catch (error) {
        if (!isStatusError(error)) throw error;
        return () => {
          this.tally.unread++;
          if (hasReason(error, 'TASK_NOT_AS_NEW')) this.#checkRefusal(id, token, isSettled());
        };
      }
    });
  }

  /** `work` resolves with what the answer does; a process that dies before answers nothing. */
  #call(lost: () => void, work: (call: Call) => Promise<() => void>): void {
    const call: Call = { owner: nobody, lost };
    this.#open.add(call);
    work(call).then(
      (answer) => {
        if (call.owner === nobody) return;
        this.#open.delete(call);
        answer();
      },
      (error: unknown) => this.#break(`a call ended with ${error}`),
    );
  }

  /** Whoever is asked this time. */
  #process(call: Call): Process {
    const process = this.#choose();
    call.owner = process.owner;
    return process;
  }

  async #ask(call: Call, asked: Asked, id: string): Promise<Answer> {
    let unknown = false;
    // The same request again, when nobody knows: at most once more.
    for (let again = this.#world.choices.chance(0.5); ; again = false) {
      try {
        const written = await this.#send(this.#process(call).tasks, asked, id);
        const task = 'task' in written ? written.task : undefined;
        return { outcome: written.durability, token: written.token, task };
      } catch (error) {
        if (!isStatusError(error)) throw error;
        unknown ||= hasReason(error, 'OUTCOME_UNKNOWN');
        if (!unknown) return { outcome: 'REFUSED' };
        if (!again) return { outcome: 'UNKNOWN' };
        if (call.owner === nobody) return { outcome: 'UNKNOWN' };
      }
    }
  }

  #send(tasks: DualTasks, { number, kind, status, plain }: Asked, id: string) {
    const ref = refOf(id);
    const options = { requestId: number, principal: 'p', allowBuffered: true };
    if (kind === 'remove') return tasks.remove(ref, options, never);
    const set = new Map([[number, '1']]);
    if (kind === 'put') {
      const state = { status, code: 0, message: '', data: plain ? new Map<string, string>() : set };
      return tasks.put(ref, state, { ...options, ifAbsent: false }, never);
    }
    const patch = { status, data: { replace: false, remove: [], set } };
    return tasks.patch(ref, patch, { ...options, expectedRevision: undefined }, never);
  }

  #checkRead(id: string, found: TaskRead, { token, since, settled }: Reading): void {
    const { task, source } = found;
    const told = this.of(id);
    const mark = token === undefined ? undefined : readMark(token);
    const shape = shapeOf(task);
    // A buffered write may have been made on a view that had not heard of the last: that becomes a conflict.
    const isKnown = settled && mark !== undefined && told.buffered === 0 && this.isOrdered(id);
    if (source === 'VIEW_UNCONFIRMED') {
      if (isKnown && !told.states.has(shape)) this.#break('I4 a read with a token was older');
      return;
    }
    if (!task) {
      if (source === 'VIEW' || !this.#ledger.wasAbsent(id, since))
        this.#break('I8 NOT_FOUND of a task that is there');
    } else if (!this.#ledger.isCommitted(task)) {
      this.#break('a read returned what was never committed');
    }
    if (mark?.kind === 'STAMP' && task && !this.#ledger.isAtLeast(id, task, mark.stamp)) {
      this.#break('I4 a read with a token was older than its stamp');
    }
    if (mark?.kind === 'BUFFERED' && !this.#ledger.applied.has(mark.requestId)) {
      this.#break('I4 a read with a token lacks the buffered write that gave it');
    }
    if (isKnown && !told.states.has(shape)) {
      this.#break('I4 a read with a token was older');
    }
  }

  /** ABORTED is for a buffered write that is in conflict or was lost, or of which nobody knows any more. */
  #checkRefusal(id: string, token: string | undefined, settled: boolean): void {
    const mark = token === undefined ? undefined : readMark(token);
    if (mark?.kind !== 'BUFFERED') {
      this.#break('I4 a token was refused that the ledger gave');
      return;
    }
    const isForgotten = this.#ledger.applied.has(mark.requestId) && !this.#ledger.tasks.has(id);
    if (settled && !isForgotten && this.isOrdered(id))
      this.#break('I4 a token was refused whose write is kept');
  }

  #break(what: string): void {
    this.broken ??= what;
  }
}

interface Reading {
  readonly token: string | undefined;
  /** How much was committed when it began. */
  readonly since: number;
  /** Nothing was written meanwhile. */
  readonly settled: boolean;
}

export function refOf(id: string): TaskRef {
  return { namespace, category: 'c', id };
}

/** The view on Redis and the modelled view, given the same commands. */
import assert from 'node:assert/strict';
import type { BufferedOperation, TaskStamp } from '../src/port/task-operation.ts';
import type { Append, LeaseOutcome, TaskView, WholeEntry } from '../src/port/task-view.ts';
import type { TaskRef } from '../src/port/tasks.ts';
import { ModelledView } from './dual-store/modelled-view.ts';
import type { World } from './dual-store/world.ts';
import { patient } from './redis-ports.ts';
import { bufferedPut, hourMs, recordOf, taskOf } from './redis-view-acts.ts';
import type { Aim, Command } from './redis-view-commands.ts';

/** What each of the two calls a lease. */
interface Granted {
  readonly model: string;
  readonly real: string;
}

/** As the view on Redis has it. */
const operationsPerTask = 64;

/** All that the modelled view takes of its world. */
class ModelTime {
  now = 1_000_000;
  #ids = 0;

  id(): string {
    return `i${++this.#ids}`;
  }
}

/** Both views, and the names that each gave to what it granted. */
export class ViewPair {
  readonly #time = new ModelTime();
  readonly #model = new ModelledView(this.#time as unknown as World, {}, operationsPerTask);
  readonly #view: TaskView;
  readonly #refs: readonly TaskRef[];
  readonly #server: (...command: string[]) => Promise<string>;
  readonly #leases: Granted[] = [{ model: '-', real: '-' }];
  #made = 0;

  constructor(view: TaskView, refs: readonly TaskRef[], server: (...command: string[]) => Promise<string>) {
    this.#view = view;
    this.#refs = refs;
    this.#server = server;
  }

  async run(command: Command): Promise<void> {
    switch (command.do) {
      case 'lease':
        return this.#lease(this.#ref(command.which));
      case 'fill':
        return this.#fill(this.#ref(command.which), this.#leases.at(-1 - command.lease), command.stamp);
      case 'fetch': {
        const ref = this.#ref(command.which);
        await this.#lease(ref);
        return this.#fill(ref, this.#leases.at(-1), command.stamp);
      }
      case 'tell': {
        const ref = this.#ref(command.which);
        const record = command.stamp ? recordOf(ref, this.#content(command.stamp)) : undefined;
        this.#model.tell(ref, record);
        return this.#view.tell(ref, record, hourMs, patient);
      }
      case 'append':
        return this.#append(command);
      case 'drop': {
        const ref = this.#ref(command.which);
        const right = this.#model.read(ref)?.operations.at(-1)?.mark;
        const mark = { right: right ?? '', none: '', near: `${right}-`, wrong: 'other' }[command.aim];
        assert.equal(await this.#view.drop(ref, mark, patient), this.#model.drop(ref, mark));
        return;
      }
      case 'claim': {
        const at = this.#at(command.partition);
        const expected = this.#model.claim(command.partition, command.holder, hourMs);
        assert.deepEqual(await this.#view.tail.claim(at, command.holder, hourMs, patient), expected);
        return;
      }
      case 'step':
        return this.#advance(command.partition, command.aim, { forget: command.forget === 0 });
      case 'event': {
        const ref = this.#ref(command.which);
        const event = { ref, stamp: command.stamp ?? undefined, foreign: command.foreign };
        const step = { event, forget: command.forget === 0 };
        return this.#advance(this.#model.partitionOf(ref), command.aim, step);
      }
      case 'evict': {
        const ref = this.#ref(command.which);
        if (!this.#model.read(ref)?.buffered) await this.#remove(`*[el]:*"${ref.id}"`, ['0']);
        this.#model.evict(ref.id);
        return;
      }
      case 'lapse':
        this.#time.now += 2 * hourMs;
        await this.#remove('*:t:l:*', ['0', '1']);
        return this.#remove('*:t:holder', ['0', '1']);
      case 'save':
        this.#model.save();
        return this.#copy('0', '1');
      case 'fall back':
        this.#model.fallBack();
        return this.#copy('1', '0');
    }
  }

  /** What can be seen of both by asking for a task. */
  async compareTasks(): Promise<void> {
    const view = this.#view;
    const reads = this.#refs.map((ref) => view.read(ref, patient));
    const whole = await Promise.all(this.#refs.map((ref) => view.readWhole(ref, patient)));
    assert.deepEqual(
      whole,
      this.#refs.map(({ id }) => this.#model.entries.get(id)),
    );
    assert.deepEqual(
      await Promise.all(reads),
      whole.map((entry) => entry && { base: entry.base, task: entry.task, buffered: entry.buffered }),
    );
  }

  /** What can be seen of both by looking at all partitions. */
  async compareAll(): Promise<void> {
    const { count, refs } = await this.#view.dirty(10, patient);
    const waiting = this.#model.dirty(10);
    assert.equal(count, waiting.count);
    assert.deepEqual(new Set(refs), new Set(waiting.refs));
    const page = { after: undefined, limit: 10, maxBytes: 100_000 };
    const { tasks } = await this.#view.list(everything, page, patient);
    const shown = this.#refs.flatMap(({ id }) => this.#model.entries.get(id)?.task ?? []);
    assert.deepEqual(tasks.toSorted(byId), shown.toSorted(byId));
  }

  async #lease(ref: TaskRef): Promise<void> {
    const expected = this.#model.lease(ref, hourMs);
    const outcome = await this.#view.lease(ref, hourMs, patient);
    if (expected.outcome === 'GRANTED' && outcome.outcome === 'GRANTED') {
      this.#leases.push({ model: expected.lease, real: outcome.lease });
    }
    const { lease: _one, ...plainExpected } = expected as LeaseOutcome & { lease?: string };
    const { lease: _other, ...plain } = outcome as LeaseOutcome & { lease?: string };
    assert.deepEqual(plain, plainExpected);
  }

  async #fill(ref: TaskRef, lease: Granted | undefined, stamp: TaskStamp): Promise<void> {
    const { model, real } = lease ?? { model: '-', real: '-' };
    const record = recordOf(ref, this.#content(stamp));
    const expected = this.#model.fill(ref, model, record);
    assert.equal(await this.#view.fill(ref, real, record, hourMs, patient), expected);
  }

  async #append({ which, aim, kind, late }: Command & { readonly do: 'append' }): Promise<void> {
    const ref = this.#ref(which);
    const entry = this.#model.read(ref);
    const task =
      kind === 'remove' ? undefined : taskOf(ref, this.#content({ incarnation: 'z', revision: 7 }));
    const operation = this.#operation(ref, kind);
    const right = baseOf(entry);
    const on = { right, none: undefined, near: nearTo(right), wrong: { stamp: undefined, mark: 'other' } }[
      aim
    ];
    const withinMs = late === 0 ? -1_000 : 60_000;
    const append: Append = { on, operation, task, withinMs };
    const expected = this.#model.append(ref, append, this.#time.now + withinMs);
    assert.equal(await this.#view.append(ref, append, patient), expected);
  }

  async #advance(
    partition: number,
    aim: Aim,
    rest: Pick<Parameters<ModelledView['advance']>[1], 'event' | 'forget'>,
  ): Promise<void> {
    const right = this.#model.checkpoint(partition);
    const from = { right, none: undefined, near: `${right}-`, wrong: 'other' }[aim];
    const step = { from, to: `c${++this.#made}`, ...rest };
    const expected = this.#model.advance(partition, step);
    assert.equal(await this.#view.tail.advance(this.#at(partition), step, patient), expected);
  }

  #operation(ref: TaskRef, kind: 'put' | 'patch' | 'remove'): BufferedOperation {
    const put = bufferedPut(`m${++this.#made}`, taskOf(ref));
    const asked = { requestId: `r${this.#made}`, principal: 'p' };
    const patch = { message: 'm', data: { replace: false, remove: ['a'], set: new Map([['b', 'c']]) } };
    if (kind === 'patch')
      return { ...put, operation: { ...asked, kind, patch, expectedRevision: undefined } };
    return kind === 'remove' ? { ...put, operation: { ...asked, kind } } : put;
  }

  #content(stamp: TaskStamp) {
    return { ...stamp, message: `made ${++this.#made}` };
  }

  #ref(which: number): TaskRef {
    const ref = this.#refs[which];
    if (!ref) throw new RangeError(`no task ${which}`);
    return ref;
  }

  /** The real partition of the modelled one. */
  #at(partition: number): number {
    const ref = this.#refs.find((one) => this.#model.partitionOf(one) === partition);
    return ref ? this.#view.tail.partitionOf(ref) : -1;
  }

  /** From the image too: its expiries are points in time. */
  async #remove(pattern: string, databases: readonly string[]): Promise<void> {
    const all =
      "for at = 2, #ARGV do redis.call('SELECT', ARGV[at]) " +
      "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end end";
    await this.#server('EVAL', all, '0', pattern, ...databases);
  }

  /** With what is left of the lives of keys. */
  async #copy(from: string, to: string): Promise<void> {
    const all =
      "redis.call('SELECT', ARGV[2]) redis.call('FLUSHDB') redis.call('SELECT', ARGV[1]) " +
      "for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', ARGV[2]) end";
    await this.#server('EVAL', all, '0', from, to);
  }
}

const everything = { namespace: 'default', category: undefined, importName: undefined, status: undefined };

function byId(one: TaskRef, other: TaskRef): number {
  return one.id < other.id ? -1 : 1;
}

function baseOf(entry: WholeEntry | undefined): Append['on'] {
  return entry && { stamp: entry.base, mark: entry.operations.at(-1)?.mark };
}

/** Another revision of the base. */
function nearTo(on: Append['on']): Append['on'] {
  return on?.stamp && { ...on, stamp: { ...on.stamp, revision: on.stamp.revision + 1 } };
}

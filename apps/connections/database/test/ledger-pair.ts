/** The ledger on MongoDB and the modelled ledger, given the same commands. */
import assert from 'node:assert/strict';
import { transitionOf } from '../src/domain/task-transition.ts';
import type { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import type { Account, CommitOutcome, Settlement, TaskLedger } from '../src/port/task-ledger.ts';
import type { TaskOperation, TaskRecord } from '../src/port/task-operation.ts';
import type { Task, TaskRef, Transition } from '../src/port/tasks.ts';
import { ModelledLedger } from './dual-store/modelled-ledger.ts';
import type { World } from './dual-store/world.ts';
import type { Aim, LedgerCommand } from './ledger-commands.ts';
import {
  exactly,
  longMs,
  patching,
  patient,
  putting,
  refTo,
  removing,
  taskTo,
} from './mongo-ledger-ports.ts';

/** All that the modelled ledger takes of its world. */
class ModelTime {
  now = 1_000_000;
  #ids = 0;

  id(): string {
    return `i${++this.#ids}`;
  }
}

/** What happens to documents past the ledger. */
export interface Beside {
  write(ref: TaskRef, message: string): Promise<void>;
  abandon(ref: TaskRef): Promise<void>;
  forget(): Promise<void>;
}

interface Both<T> {
  readonly model: T;
  readonly real: T;
}

const refs = [refTo('a'), refTo('b', 'other'), refTo('c')];
/** More than a task may have. */
const tooMany = new Map(Array.from({ length: 1_000 }, (_, at) => [`key ${at}`, '']));

export class LedgerPair {
  readonly #time = new ModelTime();
  readonly #model = new ModelledLedger(this.#time as unknown as World, {});
  readonly #ledger: TaskLedger;
  readonly #link: MongoLink;
  readonly #beside: Beside;
  /** What each calls an incarnation or a removal, by the model's name. */
  readonly #names = new Map<string, string>();
  readonly #transitions = new Map<string, readonly Transition[]>();
  /** Of each task: those of its writes, and those of its removals. */
  readonly #requests = new Map<string, string[]>();
  /** As they were some commands ago. */
  #before = new Map<string, Both<Account>>();
  #now = new Map<string, Both<Account>>();
  #made = 0;

  constructor(ledger: TaskLedger, link: MongoLink, beside: Beside) {
    this.#ledger = ledger;
    this.#link = link;
    this.#beside = beside;
  }

  async run(command: LedgerCommand): Promise<void> {
    const ref = refs[command.which] as TaskRef;
    if (command.do === 'commit') await this.#commit(ref, command);
    if (command.do === 'settle') await this.#settle(ref, command);
    if (command.do === 'foreign') {
      this.#model.writeForeign(ref);
      const record = this.#model.tasks.get(ref.id);
      if (record) await this.#beside.write(ref, record.task.message);
    }
    if (command.do === 'abandon' && this.#model.reserve(ref, 'dead')) await this.#beside.abandon(ref);
    if (command.do === 'forget') {
      this.#time.now += 10_000;
      // A request whose removal is forgotten is a new one.
      for (const { id } of refs) this.#requests.delete(`remove ${id}`);
      await this.#beside.forget();
    }
    await this.#compare();
  }

  async #commit(ref: TaskRef, command: LedgerCommand & { readonly do: 'commit' }): Promise<void> {
    const operation = this.#operation(ref, command);
    const task = this.#model.tasks.get(ref.id)?.task;
    const expected = this.#model.commit(ref, operation, this.#time.now + (command.late ? -1 : 1));
    const overdue = Date.now() - 60_000;
    if (command.late) {
      Object.defineProperty(this.#link, 'writeDeadline', { value: () => overdue, configurable: true });
    }
    const outcome = await this.#ledger.commit(ref, operation, longMs, patient);
    Reflect.deleteProperty(this.#link, 'writeDeadline');
    if (command.late && expected.outcome === 'AWAY') {
      // Nothing was done. Why else it would not have been, or that it was before, may be said.
      const said = command.again > 0 ? ['AWAY', 'REFUSED', 'COMMITTED'] : ['AWAY', 'REFUSED'];
      assert.ok(said.includes(outcome.outcome), outcome.outcome);
    } else {
      assert.deepEqual(this.#shown(outcome), shownOf(expected));
    }
    if (expected.outcome === 'COMMITTED') this.#note(ref, task, operation.principal);
  }

  async #settle(ref: TaskRef, command: LedgerCommand & { readonly do: 'settle' }): Promise<void> {
    const seen = (command.aim === 'old' ? this.#before : this.#now).get(ref.id);
    if (!seen) return;
    const operations = Array.from({ length: command.operations }, (_, at) => {
      const isLast = at === command.operations - 1;
      return {
        requestId: this.#request(ref, command.removes && isLast ? 'remove' : 'write'),
        mark: this.#text(),
      };
    });
    const message = this.#text();
    const transitions = this.#someTransitions(seen.model, command);
    const settlement = (account: Account): Settlement => ({
      ...settlementOn(ref, account, message, command),
      operations,
      transitions,
    });
    const modelled = settlement(seen.model);
    const isAsSeen = this.#model.isAsSeen(ref, modelled);
    if (isAsSeen) this.#model.settle(ref, modelled);
    assert.equal(await this.#ledger.settle(ref, settlement(seen.real), patient), isAsSeen);
    if (!isAsSeen) return;
    const before = this.#transitions.get(ref.id) ?? [];
    if (command.removes) this.#transitions.delete(ref.id);
    else this.#transitions.set(ref.id, [...before, ...transitions]);
  }

  /** What else can be seen of both. */
  async compareAll(): Promise<void> {
    const page = { after: undefined, limit: 10, maxBytes: 1_000_000 };
    const any = { category: undefined, importName: undefined, status: undefined };
    const [reads, transitions, ...listed] = await Promise.all([
      Promise.all(refs.map((ref) => this.#ledger.read(ref, exactly, patient))),
      Promise.all(refs.map((ref) => this.#ledger.transitions(ref, patient))),
      ...['default', 'other'].map((namespace) => this.#ledger.list({ namespace, ...any }, page, patient)),
    ]);
    assert.deepEqual(
      reads,
      refs.map(({ id }) => this.#now.get(id)?.real.record),
    );
    assert.deepEqual(
      transitions.map((all) => all?.map(withoutTime)),
      refs.map(({ id }) => this.#transitions.get(id)?.slice(-100).map(withoutTime)),
    );
    const tasks = listed.flatMap((page) => page.tasks);
    const byId = (one: Task, other: Task) => (one.id < other.id ? -1 : 1);
    const standing = reads.flatMap((record) => record?.task ?? []);
    assert.deepEqual(tasks.toSorted(byId), standing.toSorted(byId));
  }

  /** What the protocol sees of both. */
  async #compare(): Promise<void> {
    const before = this.#now;
    const next = new Map<string, Both<Account>>();
    await Promise.all(
      refs.map(async (ref) => {
        const record = this.#model.tasks.get(ref.id);
        const model = { record, removal: record ? undefined : this.#model.removalOf(ref.id) };
        const real = await this.#ledger.account(ref, patient);
        next.set(ref.id, { model, real });
      }),
    );
    for (const { model, real } of next.values()) {
      assert.deepEqual(this.#recorded(real.record), plain(model.record));
      const { removal } = real;
      assert.deepEqual(
        removal && { ...removal, id: this.#nameOf(removal.id, model.removal?.id) },
        kept(model),
      );
    }
    this.#before = before;
    this.#now = next;
  }

  #operation(
    ref: TaskRef,
    { kind, again, expected }: LedgerCommand & { readonly do: 'commit' },
  ): TaskOperation {
    const requestId = this.#request(ref, kind === 'remove' ? 'remove' : 'write', again);
    if (kind === 'remove') return removing(requestId);
    const message = this.#text();
    if (kind === 'put' || kind === 'create') {
      return putting(requestId, message, { ifAbsent: kind === 'create', status: `s${this.#made % 3}` });
    }
    const data = {
      replace: false,
      remove: ['gone'],
      set: kind === 'grow' ? tooMany : new Map([[message, '']]),
    };
    const revision = this.#model.tasks.get(ref.id)?.task.revision ?? 0;
    const wanted = { any: undefined, right: revision, old: revision - 1, wrong: revision + 1 }[expected];
    return patching(requestId, { message, status: `s${this.#made % 3}`, data }, wanted);
  }

  #request({ id }: TaskRef, kind: 'write' | 'remove', again = 0): string {
    const known = this.#requests.get(`${kind} ${id}`) ?? [];
    this.#requests.set(`${kind} ${id}`, known);
    const repeated = again > 0 ? known.at(-again) : undefined;
    if (repeated !== undefined) return repeated;
    const requestId = `${kind} ${++this.#made}`;
    known.push(requestId);
    return requestId;
  }

  #note(ref: TaskRef, before: Task | undefined, principal: string): void {
    const after = this.#model.tasks.get(ref.id)?.task;
    if (!after) {
      this.#transitions.delete(ref.id);
      return;
    }
    if (before?.incarnation === after.incarnation && before.revision === after.revision) return;
    const known = before?.incarnation === after.incarnation ? (this.#transitions.get(ref.id) ?? []) : [];
    const transition = transitionOf(before, after, principal);
    this.#transitions.set(ref.id, transition ? [...known, transition] : known);
  }

  #someTransitions({ record }: Account, { operations, removes }: { operations: number; removes: boolean }) {
    if (removes) return [];
    const revision = (record?.task.revision ?? 0) + operations;
    return [{ revision, at: 5, status: 'done', code: 200, message: 'so', principal: 'bob' }];
  }

  #shown(outcome: CommitOutcome) {
    if (outcome.outcome !== 'COMMITTED') return shownOf(outcome);
    return { ...outcome, record: this.#recorded(outcome.record) };
  }

  /** By the model's names. */
  #recorded(record: TaskRecord | undefined): unknown {
    if (!record) return undefined;
    const model = this.#model.tasks.get(record.task.id)?.task.incarnation;
    const incarnation = this.#nameOf(record.task.incarnation, model);
    return plain({ ...record, task: { ...record.task, incarnation } });
  }

  /** The name that the model has for it: the one given, unless it has another by now. */
  #nameOf(real: string, model: string | undefined): string {
    const known = this.#names.get(real);
    if (known !== undefined) return known;
    if (model === undefined || [...this.#names.values()].includes(model)) return real;
    this.#names.set(real, model);
    return model;
  }

  #text(): string {
    return `text ${++this.#made}`;
  }
}

function settlementOn(
  ref: TaskRef,
  { record, removal }: Account,
  message: string,
  { aim, operations, removes }: { readonly aim: Aim; readonly operations: number; readonly removes: boolean },
): Pick<Settlement, 'on' | 'task'> {
  const { incarnation = '', revision = 0 } = record?.task ?? {};
  const isWrong = aim === 'wrong';
  const on = record
    ? { stamp: { incarnation, revision: isWrong ? revision + 1 : revision } }
    : { removal: isWrong ? `${removal?.id}-` : removal?.id };
  const whole = taskTo(ref, { message, incarnation, revision: revision + operations });
  return { on, task: removes ? undefined : whole };
}

function shownOf(outcome: CommitOutcome): unknown {
  if (outcome.outcome === 'COMMITTED') return { ...outcome, record: plain(outcome.record) };
  const { reason } = outcome.error as Error & { readonly reason?: string };
  return { outcome: outcome.outcome, reason };
}

function plain(record: TaskRecord | undefined): unknown {
  if (!record) return undefined;
  const { createdAt, updatedAt, ...task } = record.task;
  return { ring: record.ring, task };
}

function kept({ removal }: Account): unknown {
  if (!removal) return undefined;
  const { id, requestId, mark } = removal;
  return { id, requestId, ...(mark !== undefined && { mark }) };
}

function withoutTime({ at, ...rest }: Transition): unknown {
  return rest;
}

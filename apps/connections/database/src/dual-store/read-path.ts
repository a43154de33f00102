/** Rule 9, reads: the view where it may answer, else the ledger, and never less than a token asks for. */
import type { Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { BufferedOperation, TaskRecord } from '../port/task-operation.ts';
import type { ViewEntry } from '../port/task-view.ts';
import type { ReadOptions, TaskRead, TaskRef } from '../port/tasks.ts';
import type { Drainer } from './drainer.ts';
import type { DualStores } from './dual-stores.ts';
import type { LeasedFill } from './leased-fill.ts';
import {
  accountSatisfies,
  type BufferedMark,
  entrySatisfies,
  exactReadSatisfies,
  type ReadMark,
  readMark,
  readToken,
  wholeEntrySatisfies,
} from './read-mark.ts';
import { unlessLost, unreachable } from './store-loss.ts';

export class ReadPath {
  readonly #stores: DualStores;
  readonly #fill: LeasedFill;
  readonly #drainer: Drainer;

  constructor(stores: DualStores, fill: LeasedFill, drainer: Drainer) {
    this.#stores = stores;
    this.#fill = fill;
    this.#drainer = drainer;
  }

  async get(ref: TaskRef, { token, strong }: ReadOptions, signal: Ending): Promise<TaskRead> {
    const mark = token === undefined ? undefined : readMark(token);
    const seen = strong ? undefined : await this.#fromView(ref, mark, signal);
    if (seen) return seen;
    // Never "there is none": a view that does not know a task says nothing about it.
    if (!this.#stores.ledger.reachable) throw unreachable();
    if (strong && this.#drainer.isDirty) await this.#drainer.meet(ref, signal);
    if (!strong && (!mark || mark.kind === 'STAMP')) {
      const found = await this.#fill.read(ref, signal);
      if (!('entry' in found)) {
        if (!mark || isAtLeast(mark, found.record)) return fromLedger(found.record);
      } else {
        const filled = await this.#shown(ref, found.entry, mark, signal);
        if (filled) return filled;
      }
    }
    if (mark?.kind === 'BUFFERED') return this.#cameHome(ref, mark, strong, signal);
    return this.#exact(ref, mark, signal);
  }

  async #fromView(ref: TaskRef, mark: ReadMark | undefined, signal: Ending): Promise<TaskRead | undefined> {
    const { view, ledger } = this.#stores;
    if (!view.reachable || mark?.kind === 'GONE') return undefined;
    let entry = await unlessLost(view.read(ref, signal), signal);
    if (entry?.buffered && ledger.reachable && (await this.#drainer.meet(ref, signal))) {
      entry = await unlessLost(view.read(ref, signal), signal);
    }
    return entry && this.#shown(ref, entry, mark, signal);
  }

  /**
   * An entry as a reply; undefined when it is not as new as the mark. One with a buffer is read again, whole, for only its
   * last operation says how new it is; what was seen before may be gone then, so that this alone counts.
   */
  async #shown(
    ref: TaskRef,
    entry: ViewEntry,
    mark: ReadMark | undefined,
    signal: Ending,
  ): Promise<TaskRead | undefined> {
    if (!entry.buffered && mark?.kind !== 'BUFFERED') {
      return !mark || entrySatisfies(mark, entry) ? this.#fromEntry(entry, undefined) : undefined;
    }
    const whole = await unlessLost(this.#stores.view.readWhole(ref, signal), signal);
    if (!whole || (mark && !wholeEntrySatisfies(mark, whole))) return undefined;
    return this.#fromEntry(whole, whole.operations.at(-1));
  }

  #fromEntry({ task, base }: ViewEntry, last: BufferedOperation | undefined): TaskRead {
    if (last) {
      const { mark, operation } = last;
      const token = readToken({ kind: 'BUFFERED', mark, requestId: operation.requestId });
      return { task, source: 'VIEW_UNCONFIRMED', token };
    }
    const source = this.#stores.ledger.reachable ? 'VIEW' : 'VIEW_UNCONFIRMED';
    return { task, source, token: readToken(base ? { kind: 'STAMP', stamp: base } : { kind: 'GONE' }) };
  }

  /** As new as everything that anyone was answered before. */
  async #exact(
    ref: TaskRef,
    mark: Exclude<ReadMark, BufferedMark> | undefined,
    signal: Ending,
  ): Promise<TaskRead> {
    const record = await this.#stores.ledger.read(ref, { after: undefined, exact: true }, signal);
    if (mark && !exactReadSatisfies(mark, record)) throw notAsNew(ref);
    return fromLedger(record);
  }

  /**
   * The ledger may have the write, or the view may have it still. Where neither has it there is a conflict, or it was
   * lost; but it may have come home between the two looks, so that the ledger is asked again.
   */
  async #cameHome(ref: TaskRef, mark: BufferedMark, strong: boolean, signal: Ending): Promise<TaskRead> {
    const { view, ledger } = this.#stores;
    for (let look = 0; look < 2; look++) {
      const account = await ledger.account(ref, signal);
      if (accountSatisfies(mark, account)) return fromLedger(account.record);
      const whole = await view.readWhole(ref, signal);
      if (!whole || !wholeEntrySatisfies(mark, whole)) continue;
      if (strong) throw unreachable();
      return this.#fromEntry(whole, whole.operations.at(-1));
    }
    throw notAsNew(ref);
  }
}

/** Of a read that may be a moment old. */
function isAtLeast(mark: ReadMark, record: TaskRecord | undefined): boolean {
  if (mark.kind !== 'STAMP' || record?.task.incarnation !== mark.stamp.incarnation) return false;
  return record.task.revision >= mark.stamp.revision;
}

function fromLedger(record: TaskRecord | undefined): TaskRead {
  const task = record?.task;
  const token = readToken(task ? { kind: 'STAMP', stamp: task } : { kind: 'GONE' });
  return { task, source: 'AUTHORITY', token };
}

function notAsNew({ category, id }: TaskRef): Error {
  return failure('TASK_NOT_AS_NEW', { category, id });
}

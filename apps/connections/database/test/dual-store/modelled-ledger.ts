/** A ledger of plain maps: what MongoDB has to be, and nothing more. */

import { isStatusError } from '@connections/grpc/status';
import { limits } from '@connections/runtime';
import { foldedTask } from '../../src/dual-store/folded-task.ts';
import type { Conflict } from '../../src/port/task-conflicts.ts';
import type { CommitOutcome, FeedEvent, Removal, Settlement } from '../../src/port/task-ledger.ts';
import type { RingEntry, TaskOperation, TaskRecord, TaskStamp } from '../../src/port/task-operation.ts';
import type { Task, TaskRef } from '../../src/port/tasks.ts';
import { away } from './modelled-link.ts';
import type { Mutation } from './mutants.ts';
import type { World } from './world.ts';

export interface Committed {
  readonly event: FeedEvent;
  readonly record: TaskRecord | undefined;
}

type KeptRemoval = Removal & { readonly at: number; readonly found: boolean };

/** Longer than a blind put may be old, and be on its way home. */
const removalKeptMs = 300;
/** How far a server may be behind that does not know yet that it is no longer the primary. */
const staleEvents = 3;
/** How much may be committed while a read is on its way that others share. */
const sharedEvents = 12;

export class ModelledLedger {
  readonly #world: World;
  readonly #mutation: Mutation;
  readonly tasks = new Map<string, TaskRecord>();
  readonly log: Committed[] = [];
  /** The feed reaches back to here. */
  historyFrom = 0;
  /** Requests that had an effect, each with what it made of its task. */
  readonly applied = new Map<string, TaskStamp | undefined>();
  readonly conflicts = new Map<string, Conflict>();
  readonly #removals = new Map<string, KeptRemoval>();
  readonly #removedBy = new Map<string, KeptRemoval>();
  readonly #reserved = new Map<string, string>();
  /** What a rule forbids and was done all the same. */
  broken: string | undefined;

  constructor(world: World, mutation: Mutation) {
    this.#world = world;
    this.#mutation = mutation;
  }

  removalOf(id: string): KeptRemoval | undefined {
    const removal = this.#removals.get(id);
    if (!removal || this.#mutation.noRemovals) return undefined;
    return this.#world.now - removal.at <= removalKeptMs ? removal : undefined;
  }

  commit(ref: TaskRef, operation: TaskOperation, deadline: number): CommitOutcome {
    const error = away();
    if (this.#world.now > deadline && !this.#mutation.lateCommits) return { outcome: 'AWAY', error };
    const { requestId } = operation;
    const before = this.tasks.get(ref.id);
    const removed = this.#removedBy.get(requestId);
    if (removed) return { outcome: 'COMMITTED', record: undefined, changed: removed.found };
    if (before?.ring.some((made) => made.requestId === requestId)) {
      return { outcome: 'COMMITTED', record: before, changed: false };
    }
    const { incarnation, revision } = this.#lifeAfter(ref, before, 1);
    try {
      const task = foldedTask(ref, before?.task, operation, { incarnation, revision, now: this.#world.now });
      this.#write(ref, task, [{ requestId }]);
    } catch (refusal) {
      if (!isStatusError(refusal)) throw refusal;
      return { outcome: 'REFUSED', error: refusal };
    }
    const changed = operation.kind === 'remove' ? before !== undefined : before === undefined;
    return { outcome: 'COMMITTED', record: this.tasks.get(ref.id), changed };
  }

  /** Another program's write: it changes what it likes and numbers nothing. */
  writeForeign(ref: TaskRef): void {
    const before = this.tasks.get(ref.id);
    if (!before) return;
    const record = { ...before, task: { ...before.task, message: this.#world.id() } };
    this.tasks.set(ref.id, record);
    this.log.push({ event: { ref, stamp: before.task, foreign: !this.#mutation.foreignIsOurs }, record });
  }

  /** As a server saw it that may be behind, but not behind `after`. */
  stateAt(ref: TaskRef, after: number): TaskRecord | undefined {
    const newest = this.log.length;
    const behind = this.#world.choices.chance(0.2) ? 1 + this.#world.choices.below(staleEvents) : 0;
    const until = this.#mutation.staleFills ? newest - behind : Math.max(after, newest - behind);
    for (let at = Math.min(until, newest) - 1; at >= 0; at--) {
      const committed = this.log[at];
      if (committed?.event.ref.id === ref.id) return committed.record;
    }
    return undefined;
  }

  /** At some moment since so much was committed, as far as one may look that is behind. */
  wasAbsent(id: string, since: number): boolean {
    if (!this.tasks.has(id)) return true;
    const from = Math.max(0, since - sharedEvents);
    let present = false;
    for (const [at, { event, record }] of this.log.entries()) {
      if (event.ref.id !== id) {
        if (at >= from && !present) return true;
        continue;
      }
      if (at >= from && !present) return true;
      present = record !== undefined;
      if (at >= from && !present) return true;
    }
    return !present;
  }

  isCommitted(task: Task): boolean {
    return this.#placeOf(task.id, task) >= 0;
  }

  isAtLeast(id: string, task: TaskStamp, stamp: TaskStamp): boolean {
    return this.#placeOf(id, task) >= this.#placeOf(id, stamp);
  }

  #placeOf(id: string, { incarnation, revision }: TaskStamp): number {
    return this.log.findLastIndex(
      ({ event: { ref, stamp } }) =>
        ref.id === id && stamp?.incarnation === incarnation && stamp.revision === revision,
    );
  }

  isAsSeen(ref: TaskRef, { on }: Settlement): boolean {
    if (this.#mutation.settleBlindly) return true;
    const record = this.tasks.get(ref.id);
    if ('removal' in on) return record === undefined && this.removalOf(ref.id)?.id === on.removal;
    return record?.task.incarnation === on.stamp.incarnation && record.task.revision === on.stamp.revision;
  }

  settle(ref: TaskRef, { task, operations }: Settlement): void {
    const { incarnation, revision } = this.#lifeAfter(ref, this.tasks.get(ref.id), operations.length);
    this.#write(ref, task && { ...task, incarnation, revision }, operations);
  }

  reserve(ref: TaskRef, by: string): boolean {
    if (this.tasks.has(ref.id)) return false;
    this.#reserved.set(ref.id, by);
    return true;
  }

  isReserved(ref: TaskRef, by: string): boolean {
    return this.#reserved.get(ref.id) === by;
  }

  #lifeAfter({ id }: TaskRef, before: TaskRecord | undefined, operations: number) {
    const fresh = this.#mutation.oneIncarnation ? `only-${id}` : `o${this.log.length}`;
    return {
      incarnation: before?.task.incarnation ?? fresh,
      revision: (before?.task.revision ?? 0) + operations,
    };
  }

  #write(
    ref: TaskRef,
    task: Task | undefined,
    by: readonly { readonly requestId: string; readonly mark?: string }[],
  ): void {
    const before = this.tasks.get(ref.id);
    this.#reserved.delete(ref.id);
    for (const { requestId } of by) {
      this.#checkOnce(requestId, before);
      this.applied.set(requestId, task);
    }
    if (task) {
      const first = task.revision - by.length + 1;
      const made = by.map((entry, index) => this.#ringEntry({ ...entry, revision: first + index }));
      const ring = [...(before?.ring ?? []), ...made].slice(-limits.requestRing);
      const record = { task, ring };
      this.tasks.set(ref.id, record);
      this.#removals.delete(ref.id);
      this.log.push({ event: { ref, stamp: task, foreign: false }, record });
      return;
    }
    this.tasks.delete(ref.id);
    const last = by.at(-1) ?? { requestId: '' };
    const found = before !== undefined;
    const removal = { ...last, id: this.#world.id(), at: this.#world.now, found };
    this.#removals.set(ref.id, removal);
    this.#removedBy.set(last.requestId, removal);
    this.log.push({ event: { ref, stamp: undefined, foreign: false }, record: undefined });
  }

  #ringEntry({ revision, requestId, mark }: RingEntry): RingEntry {
    if (mark === undefined) return { revision, requestId };
    if (this.#mutation.settleWithoutRing) return { revision, requestId: '' };
    return { revision, requestId: this.#mutation.settleByMark ? '' : requestId, mark };
  }

  /** Not for ever: while a ring reaches back to it. */
  #checkOnce(requestId: string, before: TaskRecord | undefined): void {
    const first = this.applied.get(requestId);
    if (!first || before?.task.incarnation !== first.incarnation) return;
    const isInReach = before.task.revision - first.revision < limits.requestRing;
    if (isInReach) this.broken = 'I7 a request had two effects';
  }
}

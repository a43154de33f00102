/** The ledger on MongoDB: the writes of the task port with their outcomes told apart, and what brings buffers home. */

import { randomUUID } from 'node:crypto';
import { abortSignalOf, type Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { taskKey } from '../../domain/task-key.ts';
import type { RetentionRule } from '../../port/retention-rule.ts';
import type { TaskConflicts } from '../../port/task-conflicts.ts';
import type { TaskFeed } from '../../port/task-feed.ts';
import type {
  Account,
  Checkpoint,
  CommitOutcome,
  Feed,
  Settlement,
  Standing,
  TaskLedger,
} from '../../port/task-ledger.ts';
import type { TaskOperation, TaskRecord } from '../../port/task-operation.ts';
import type { TaskPage, TaskQuery, TaskRef, Transition } from '../../port/tasks.ts';
import { oldestOf, timeOf } from './ledger-checkpoint.ts';
import { LedgerFeed } from './ledger-feed.ts';
import { LedgerLimit } from './ledger-limit.ts';
import { committed } from './ledger-outcome.ts';
import { newestRemoval, removalIndexes, removedOf } from './ledger-removals.ts';
import { LedgerSettlements } from './ledger-settlements.ts';
import { conflictIndexes, MongoConflicts } from './mongo-conflicts.ts';
import type { MongoIndexes } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';
import { MongoTaskFeed } from './mongo-task-feed.ts';
import { TaskAccess } from './task-access.ts';
import { recordOf } from './task-document.ts';
import type { TaskCommit } from './task-pipeline.ts';
import { retentionIndexes, TaskRetention } from './task-retention.ts';
import type { WriteAttempt } from './task-writes.ts';

/** What a settlement may take: who waits for it holds up reads and writes of its task. */
const settleMs = 1_000;
/** The server does not know of so late a time, as after a restored backup. */
const timeNotThere = 72;

export class MongoLedger implements TaskLedger {
  readonly conflicts: TaskConflicts;
  readonly removeExpired?: NonNullable<TaskLedger['removeExpired']>;
  readonly #access: TaskAccess;
  readonly #settlements: LedgerSettlements;
  readonly #feed: TaskFeed & { readonly problems: readonly string[] };

  /** Builds its indexes in the background. `retention`: of tasks that are not kept for ever. */
  constructor(link: MongoLink, collection: string, retention: readonly RetentionRule[] = []) {
    const conflicts = `${collection}_conflicts`;
    this.#access = new TaskAccess(link, collection, (collections) => [
      ...removalIndexes(collections),
      ...retentionIndexes(collections, retention),
      ...conflictIndexes(link.collection(conflicts)),
    ]);
    this.#settlements = new LedgerSettlements(this.#access);
    this.#feed = new MongoTaskFeed(link, collection);
    this.conflicts = new MongoConflicts(this.#access.calls, link, conflicts);
    if (retention.length === 0) return;
    const expiring = new TaskRetention(this.#access, retention);
    this.removeExpired = (mayRemove, signal) => expiring.run(mayRemove, abortSignalOf(signal));
  }

  get indexes(): MongoIndexes {
    return this.#access.indexes;
  }

  /** What cannot be built of its indexes, or of those that its feed polls by. */
  get problems(): readonly string[] {
    return [...this.indexes.problems, ...this.#feed.problems];
  }

  get reachable(): boolean {
    return this.#access.link.reachable;
  }

  async commit(
    ref: TaskRef,
    operation: TaskOperation,
    withinMs: number,
    signal: Ending,
  ): Promise<CommitOutcome> {
    const deadline = this.#access.link.writeDeadline(withinMs);
    if (deadline === undefined) return { outcome: 'AWAY', error: unreachable() };
    using limit = new LedgerLimit(deadline, withinMs, abortSignalOf(signal));
    const attempt = this.#attempt(ref, operation, deadline);
    return await committed(ref, attempt, this.#access.calls, limit);
  }

  read(
    ref: TaskRef,
    { after, exact }: { readonly after: Checkpoint | undefined; readonly exact: boolean },
    signal: Ending,
  ): Promise<TaskRecord | undefined> {
    const { calls, link } = this.#access;
    return calls.read(signal, async (inner) => {
      if (after === undefined && !exact) return this.#find(ref, {}, inner);
      const time = exact || after === undefined ? undefined : timeOf(after);
      if (!time || !link.topology.hasReplicas) return this.#find(ref, this.#access.exactly, inner);
      await using session = link.causalSession();
      session.advanceOperationTime(time);
      return await this.#find(ref, { session }, inner).catch((error) => {
        if (error?.code !== timeNotThere) throw error;
        return this.#find(ref, this.#access.exactly, inner);
      });
    });
  }

  account(ref: TaskRef, signal: Ending): Promise<Account> {
    const { calls, collections, exactly } = this.#access;
    return calls.read(signal, async (inner) => {
      const record = await this.#find(ref, exactly, inner);
      if (record) return { record, removal: undefined };
      // After the task: what was removed between the two is seen.
      return { record, removal: await newestRemoval(collections, ref, exactly, inner) };
    });
  }

  standings(refs: readonly TaskRef[], signal: Ending): Promise<readonly Standing[]> {
    const { calls, collections, exactly } = this.#access;
    return calls.read(signal, async (inner) => {
      const there = await collections.thereOf(refs, exactly, inner);
      // After the tasks: what was removed between the two is seen.
      const others = refs.filter((ref) => !there.has(taskKey(ref)));
      const removed = await removedOf(collections, others, exactly, inner);
      return refs.map((ref) => {
        if (there.has(taskKey(ref))) return 'THERE';
        return removed.has(taskKey(ref)) ? 'REMOVED' : 'UNKNOWN';
      });
    });
  }

  async settle(ref: TaskRef, settlement: Settlement, signal: Ending): Promise<boolean> {
    const deadline = this.#access.link.writeDeadline(settleMs);
    if (deadline === undefined) throw unreachable();
    using limit = new LedgerLimit(deadline, settleMs, abortSignalOf(signal));
    return await this.#settlements.settle(ref, settlement, limit);
  }

  async feed(from: readonly Checkpoint[], signal: Ending): Promise<Feed | 'LOST'> {
    if (!this.reachable) throw unreachable();
    const after = from.length === 0 ? undefined : oldestOf(from);
    if (from.length > 0 && after === undefined) return 'LOST';
    return LedgerFeed.open(this.#feed, after, abortSignalOf(signal));
  }

  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<TaskPage> {
    return this.#access.list(query, page, signal);
  }

  transitions(ref: TaskRef, signal: Ending): Promise<readonly Transition[] | undefined> {
    return this.#access.transitions(ref, signal);
  }

  ping(signal: Ending): Promise<void> {
    return this.#access.ping(signal);
  }

  /** The link stays open: other ports may share it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#access.calls.close();
  }

  #attempt(ref: TaskRef, operation: TaskOperation, deadline: number): WriteAttempt {
    const { writes } = this.#access;
    const { requestId, principal } = operation;
    const commit: TaskCommit = { ref, call: randomUUID(), requestId, principal, deadline };
    if (operation.kind === 'put') return writes.put(commit, operation.state, operation.ifAbsent);
    if (operation.kind === 'patch') return writes.patch(commit, operation.patch, operation.expectedRevision);
    return writes.remove(commit);
  }

  async #find(
    ref: TaskRef,
    options: Parameters<TaskAccess['collections']['find']>[1],
    signal: AbortSignal,
  ): Promise<TaskRecord | undefined> {
    const document = await this.#access.collections.find(ref, options, signal);
    return document ? recordOf(ref, document) : undefined;
  }
}

function unreachable(): Error {
  return failure('STORE_UNREACHABLE', { store: 'task' });
}

/** The task port on MongoDB: each write one atomic operation on one document, majority and journal. */

import { randomUUID } from 'node:crypto';
import type { Ending } from '@connections/runtime';
import { invalidField } from '@connections/runtime/errors';
import type { RetentionRule } from '../../port/retention-rule.ts';
import type {
  ReadOptions,
  Source,
  TaskPage,
  TaskPatch,
  TaskQuery,
  TaskRead,
  TaskRef,
  TaskRemoved,
  TaskState,
  Tasks,
  TaskWritten,
  Transition,
  WriteOptions,
} from '../../port/tasks.ts';
import type { MongoIndexes } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';
import { TaskAccess } from './task-access.ts';
import { taskOf } from './task-document.ts';
import type { TaskCommit } from './task-pipeline.ts';
import { retentionIndexes, TaskRetention } from './task-retention.ts';
import type { TaskMade, WriteAttempt } from './task-writes.ts';

/** The authority answers every call, so that a token tells nothing but whose it is. */
const taskToken = 'mongo:1';

export class MongoTasks implements Tasks {
  readonly capabilities = { durable: true };
  readonly #access: TaskAccess;

  /** Builds its indexes in the background, and removes there what `retention` does not keep for ever. */
  constructor(link: MongoLink, collection: string, retention: readonly RetentionRule[] = []) {
    this.#access = new TaskAccess(link, collection, (collections) =>
      retentionIndexes(collections, retention),
    );
    if (retention.length === 0) return;
    void new TaskRetention(this.#access, retention).run(() => true, link.closing);
  }

  get indexes(): MongoIndexes {
    return this.#access.indexes;
  }

  put(
    ref: TaskRef,
    state: TaskState,
    options: WriteOptions & { readonly ifAbsent: boolean },
    signal: Ending,
  ): Promise<TaskWritten> {
    const { writes } = this.#access;
    return this.#written(ref, writes.put(this.#commit(ref, options), state, options.ifAbsent), signal);
  }

  patch(
    ref: TaskRef,
    patch: TaskPatch,
    options: WriteOptions & { readonly expectedRevision: number | undefined },
    signal: Ending,
  ): Promise<TaskWritten> {
    const { writes } = this.#access;
    const attempt = writes.patch(this.#commit(ref, options), patch, options.expectedRevision);
    return this.#written(ref, attempt, signal);
  }

  async remove(ref: TaskRef, options: WriteOptions, signal: Ending): Promise<TaskRemoved> {
    const { writes, calls } = this.#access;
    const { changed } = await calls.write(signal, writes.remove(this.#commit(ref, options)));
    return { removed: changed, durability: 'DURABLE', token: taskToken };
  }

  get(ref: TaskRef, { token, strong }: ReadOptions, signal: Ending): Promise<TaskRead> {
    const { calls, collections, exactly } = this.#access;
    return calls.read(signal, async (inner) => {
      if (token !== undefined && token !== taskToken) {
        throw invalidField('token', 'is not a token of this service');
      }
      const concern = strong || token !== undefined ? exactly : {};
      const document = await collections.find(ref, concern, inner);
      const task = document ? taskOf(ref, document) : undefined;
      return { task, source: 'AUTHORITY', token: taskToken };
    });
  }

  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<TaskPage> {
    return this.#access.list(query, page, signal);
  }

  async transitions(
    ref: TaskRef,
    signal: Ending,
  ): Promise<{ readonly transitions: readonly Transition[]; readonly source: Source } | undefined> {
    const transitions = await this.#access.transitions(ref, signal);
    return transitions && { transitions, source: 'AUTHORITY' };
  }

  ping(signal: Ending): Promise<void> {
    return this.#access.ping(signal);
  }

  /** The link stays open: other ports may share it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#access.calls.close();
  }

  async #written(ref: TaskRef, attempt: WriteAttempt<TaskMade>, signal: Ending): Promise<TaskWritten> {
    const { document, changed } = await this.#access.calls.write(signal, attempt);
    return { task: taskOf(ref, document), created: changed, durability: 'DURABLE', token: taskToken };
  }

  #commit(ref: TaskRef, { requestId, principal }: WriteOptions): TaskCommit {
    const deadline = this.#access.link.writeDeadline();
    return { ref, call: randomUUID(), requestId, principal, deadline };
  }
}

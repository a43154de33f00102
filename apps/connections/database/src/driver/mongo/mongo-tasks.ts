/** The task port on MongoDB: each write one atomic operation on one document, majority and journal. */
import { randomUUID } from 'node:crypto';
import { failure, invalidField } from '@connections/runtime/errors';
import type { Document } from 'mongodb';
import { readBytes, taskBytes } from '../../domain/task-bounds.ts';
import { patchedTask } from '../../domain/task-transition.ts';
import type {
  ReadOptions,
  Source,
  Task,
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
import { MongoCalls } from './mongo-calls.ts';
import { outcomeOf } from './mongo-errors.ts';
import { MongoIndexes } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';
import { TaskCollections } from './task-collections.ts';
import { TaskCommits } from './task-commits.ts';
import { hasRequest, refOf, revisionBy, revisionOf, taskOf, transitionsOf } from './task-document.ts';
import { cursorAt } from './task-filters.ts';
import { identityIndex } from './task-indexes.ts';
import {
  duplicatesPipeline,
  patchPipeline,
  putPipeline,
  removalKey,
  removalPipeline,
  type TaskCommit,
} from './task-pipeline.ts';

/** The authority answers every call, so that a token tells nothing but whose it is. */
const taskToken = 'mongo:1';
const noText: ReadonlyMap<string, string> = new Map();

export class MongoTasks implements Tasks {
  readonly capabilities = { durable: true };
  readonly indexes: MongoIndexes;
  readonly #link: MongoLink;
  readonly #calls: MongoCalls;
  readonly #collections: TaskCollections;
  readonly #commits: TaskCommits;

  /** Builds its indexes in the background. */
  constructor(link: MongoLink, collection: string) {
    this.#link = link;
    this.#calls = new MongoCalls(link, 'task');
    this.#collections = new TaskCollections(link, collection);
    this.indexes = new MongoIndexes(link, this.#collections.indexes);
    this.#commits = new TaskCommits(this.#collections, {
      isDistinct: (ref) => this.indexes.isBuilt(identityIndex, this.#collections.of(ref)),
      unknown: () => this.#calls.unknown(),
    });
  }

  put(
    ref: TaskRef,
    state: TaskState,
    options: WriteOptions & { readonly ifAbsent: boolean },
    signal: AbortSignal,
  ): Promise<TaskWritten> {
    const commit = this.#commit(ref, options);
    const pipeline = putPipeline(commit, state, options.ifAbsent);
    const update = { commit, pipeline, bytes: taskBytes(state) };
    return this.#calls.write(signal, async (inner, again) => {
      if (again && options.requestId === undefined) return this.#whatBecameOf(commit, inner);
      const document = await this.#commits.upsert(update, again, inner);
      const revision = revisionBy(document, commit.call);
      if (revision !== undefined) return written(ref, document, revision === 1);
      if (hasRequest(document, options.requestId)) return written(ref, document, false);
      if (options.ifAbsent && !isLate(document)) {
        throw failure('TASK_EXISTS', { category: ref.category, id: ref.id });
      }
      throw late();
    });
  }

  patch(
    ref: TaskRef,
    patch: TaskPatch,
    options: WriteOptions & { readonly expectedRevision: number | undefined },
    signal: AbortSignal,
  ): Promise<TaskWritten> {
    const { category, id } = ref;
    const { expectedRevision: expected, requestId } = options;
    const commit = this.#commit(ref, options);
    const pipeline = patchPipeline(commit, patch, expected);
    const update = { commit, pipeline, bytes: patchBytes(patch) };
    return this.#calls.write(signal, async (inner, again) => {
      if (again && requestId === undefined) return this.#whatBecameOf(commit, inner);
      const document = await this.#commits.update(update, again, inner);
      if (!document) throw failure('TASK_NOT_FOUND', { category, id });
      if (revisionBy(document, commit.call) !== undefined || hasRequest(document, requestId)) {
        return written(ref, document, false);
      }
      const actual = revisionOf(document);
      if (expected !== undefined && expected !== actual) {
        throw failure('TASK_REVISION_CONFLICT', { category, id, actual, expected });
      }
      // The document is as it was when the pipeline refused it: the rule says why, with the numbers.
      patchedTask(taskOf(ref, document), patch, 0);
      throw late();
    });
  }

  remove(ref: TaskRef, options: WriteOptions, signal: AbortSignal): Promise<TaskRemoved> {
    const commit = this.#commit(ref, options);
    const pipeline = removalPipeline(commit);
    return this.#calls.write(signal, async (inner) => {
      try {
        const work = () => this.#collections.upsert(ref, pipeline, inner);
        const document = await this.#commits.alone(ref, work, inner);
        if (isLate(document)) throw late();
        const { removed } = document.cs ?? {};
        if (removed?.call === commit.call) {
          if (removed.was) await this.#removeDuplicates(commit, inner);
          return removal(removed.was);
        }
        if (hasRequest(document, options.requestId)) return removal(false);
        throw late();
      } catch (error) {
        if (outcomeOf(error) !== 'DUPLICATE') throw error;
        // The unique index let no second one through: this is what the first answered.
        const key = removalKey(ref, options.requestId ?? commit.call);
        return removal(await this.#collections.removedBefore(ref, key, inner));
      }
    });
  }

  get(ref: TaskRef, { token, strong }: ReadOptions, signal: AbortSignal): Promise<TaskRead> {
    return this.#calls.read(signal, async (inner) => {
      if (token !== undefined && token !== taskToken) {
        throw invalidField('token', 'is not a token of this service');
      }
      // A primary that was voted out and has not noticed would answer what a majority had.
      const exact = (strong || token !== undefined) && this.#link.topology.hasReplicas;
      const concern = exact ? { readConcern: { level: 'linearizable' as const } } : {};
      const document = await this.#collections.find(ref, concern, inner);
      const task = document ? taskOf(ref, document) : undefined;
      return { task, source: 'AUTHORITY', token: taskToken };
    });
  }

  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: AbortSignal,
  ): Promise<TaskPage> {
    return this.#calls.read(signal, async (inner) => {
      const tasks: Task[] = [];
      let bytes = 0;
      let next: string | undefined;
      for await (const document of this.#collections.listed(query, page, inner)) {
        const task = taskOf(refOf(query.namespace, document), document);
        bytes += readBytes(task);
        if (tasks.length >= page.limit || (tasks.length > 0 && bytes > page.maxBytes)) {
          return { tasks, next, source: 'AUTHORITY', partial: false };
        }
        tasks.push(task);
        next = cursorAt(document);
      }
      return { tasks, next: undefined, source: 'AUTHORITY', partial: false };
    });
  }

  transitions(
    ref: TaskRef,
    signal: AbortSignal,
  ): Promise<{ readonly transitions: readonly Transition[]; readonly source: Source } | undefined> {
    return this.#calls.read(signal, async (inner) => {
      const document = await this.#collections.find(ref, { projection: { 'cs.history': 1 } }, inner);
      return document ? { transitions: transitionsOf(document), source: 'AUTHORITY' } : undefined;
    });
  }

  ping(signal: AbortSignal): Promise<void> {
    return this.#calls.read(signal, (inner) => this.#link.ping(inner));
  }

  /** The link stays open: other ports may share it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#calls.close();
  }

  #commit(ref: TaskRef, { requestId, principal }: WriteOptions): TaskCommit {
    return { ref, call: randomUUID(), requestId, principal, deadline: this.#link.writeDeadline() };
  }

  /** Of a write without a request id, which cannot be repeated: so many others may have followed that none knows of it. */
  async #whatBecameOf({ ref, call }: TaskCommit, signal: AbortSignal): Promise<TaskWritten> {
    const document = await this.#collections.find(ref, {}, signal);
    const revision = document && revisionBy(document, call);
    if (document && revision !== undefined) return written(ref, document, revision === 1);
    throw this.#calls.unknown();
  }

  /** Without the index that forbids them a removal would uncover the next of a task's duplicates. */
  async #removeDuplicates(commit: TaskCommit, signal: AbortSignal): Promise<void> {
    if (this.indexes.isBuilt(identityIndex, this.#collections.of(commit.ref))) return;
    await this.#collections.updateAll(commit.ref, duplicatesPipeline(commit), signal);
  }
}

function patchBytes({ message = '', data, fields = noText }: TaskPatch): number {
  return taskBytes({ message, data: data?.set ?? noText }) + taskBytes({ message: '', data: fields });
}

function isLate({ cs }: Document): boolean {
  return cs?.removed?.late === true;
}

/** Only for a write that came to the server after its deadline, when the caller has long been answered. */
function late(): Error {
  return failure(
    'STORE_UNREACHABLE',
    { store: 'task' },
    { cause: new Error('the write came after its deadline') },
  );
}

function written(ref: TaskRef, document: Document, created: boolean): TaskWritten {
  return { task: taskOf(ref, document), created, durability: 'DURABLE', token: taskToken };
}

function removal(removed: boolean): TaskRemoved {
  return { removed, durability: 'DURABLE', token: taskToken };
}

/** The writes of tasks, each one operation on one document, and what became of them by the document that they leave. */
import { failure } from '@connections/runtime/errors';
import type { Document } from 'mongodb';
import { taskBytes } from '../../domain/task-bounds.ts';
import { patchedTask } from '../../domain/task-transition.ts';
import type { TaskPatch, TaskRef, TaskState } from '../../port/tasks.ts';
import { outcomeOf } from './mongo-errors.ts';
import type { TaskCollections } from './task-collections.ts';
import { TaskCommits } from './task-commits.ts';
import { hasRequest, revisionBy, revisionOf, taskOf } from './task-document.ts';
import { patchPipeline, putPipeline, type TaskCommit } from './task-pipeline.ts';
import { duplicatesPipeline, removalKey, removalPipeline } from './task-tombstone.ts';

export interface MadeWrite {
  /** As it is now: newer than this write when it was repeated, or when others were quicker. Undefined after a removal. */
  readonly document: Document | undefined;
  /** It created the task, or removed one. */
  readonly changed: boolean;
}

/** For `MongoCalls.write`, which runs it `again` when nobody knows what became of it. */
export type WriteAttempt<Made extends MadeWrite = MadeWrite> = (
  signal: AbortSignal,
  again: boolean,
) => Promise<Made>;

/** A write after which there is a task. */
export type TaskMade = MadeWrite & { readonly document: Document };

interface TaskWritesOptions {
  /** Whether no task of this one's collection has two documents. */
  readonly isDistinct: (ref: TaskRef) => boolean;
  /** What a caller is told of whose write nobody can say whether it was made. */
  readonly unknown: () => Error;
}

const noText: ReadonlyMap<string, string> = new Map();

export class TaskWrites {
  readonly commits: TaskCommits;
  readonly #collections: TaskCollections;
  readonly #options: TaskWritesOptions;

  constructor(collections: TaskCollections, options: TaskWritesOptions) {
    this.#collections = collections;
    this.#options = options;
    this.commits = new TaskCommits(collections, options);
  }

  put(commit: TaskCommit, state: TaskState, ifAbsent: boolean): WriteAttempt<TaskMade> {
    const { ref, call, requestId } = commit;
    const { category, id } = ref;
    const update = { commit, pipeline: putPipeline(commit, state, ifAbsent), bytes: taskBytes(state) };
    return async (signal, again) => {
      if (again && requestId === undefined) return this.#whatBecameOf(commit, signal);
      const document = await this.commits.upsert(update, again, signal);
      const revision = revisionBy(document, call);
      if (revision !== undefined) return { document, changed: revision === 1 };
      if (hasRequest(document, requestId)) return { document, changed: false };
      if (ifAbsent && !isLate(document)) throw failure('TASK_EXISTS', { category, id });
      throw late();
    };
  }

  patch(commit: TaskCommit, patch: TaskPatch, expected: number | undefined): WriteAttempt<TaskMade> {
    const { ref, call, requestId } = commit;
    const { category, id } = ref;
    const update = { commit, pipeline: patchPipeline(commit, patch, expected), bytes: patchBytes(patch) };
    return async (signal, again) => {
      if (again && requestId === undefined) return this.#whatBecameOf(commit, signal);
      const document = await this.commits.update(update, again, signal);
      if (!document) throw failure('TASK_NOT_FOUND', { category, id });
      if (revisionBy(document, call) !== undefined || hasRequest(document, requestId)) {
        return { document, changed: false };
      }
      const actual = revisionOf(document);
      if (expected !== undefined && expected !== actual) {
        throw failure('TASK_REVISION_CONFLICT', { category, id, actual, expected });
      }
      // The document is as it was when the pipeline refused it: the rule says why, with the numbers.
      patchedTask(taskOf(ref, document), patch, 0);
      throw late();
    };
  }

  remove(commit: TaskCommit): WriteAttempt {
    const { ref, call, requestId } = commit;
    const pipeline = removalPipeline(commit);
    return async (signal) => {
      try {
        const work = () => this.#collections.upsert(ref, pipeline, signal);
        const document = await this.commits.alone(ref, work, signal);
        if (isLate(document)) throw late();
        const { removed } = document.cs ?? {};
        if (removed?.call === call) {
          if (removed.was) await this.#removeDuplicates(commit, signal);
          return { document: undefined, changed: removed.was };
        }
        if (hasRequest(document, requestId)) return { document, changed: false };
        throw late();
      } catch (error) {
        if (outcomeOf(error) !== 'DUPLICATE') throw error;
        // The unique index let no second one through: this is what the first answered.
        const key = removalKey(ref, requestId ?? call);
        return { document: undefined, changed: await this.#collections.removedBefore(ref, key, signal) };
      }
    };
  }

  /** Of a write without a request id, which cannot be repeated: so many others may have followed that none knows of it. */
  async #whatBecameOf({ ref, call }: TaskCommit, signal: AbortSignal): Promise<TaskMade> {
    const document = await this.#collections.find(ref, {}, signal);
    const revision = document && revisionBy(document, call);
    if (document && revision !== undefined) return { document, changed: revision === 1 };
    throw this.#options.unknown();
  }

  /** Without the index that forbids them a removal would uncover the next of a task's duplicates. */
  async #removeDuplicates(commit: TaskCommit, signal: AbortSignal): Promise<void> {
    if (this.#options.isDistinct(commit.ref)) return;
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

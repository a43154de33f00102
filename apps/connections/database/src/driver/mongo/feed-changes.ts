/** Turns documents that were written into the changes that the feed tells: each as it is when it is read. */
import type { ClientSession, Collection, Document, ObjectId } from 'mongodb';
import type { TaskChange } from '../../port/task-feed.ts';
import type { TaskRef } from '../../port/tasks.ts';
import type { FeedAttempt } from './feed-attempt.ts';
import { abortable } from './mongo-options.ts';
import { defaultNamespace, refOf, taskOf } from './task-document.ts';

/** A document that was written since it was last told of. */
export interface Touched {
  readonly collection: Collection<Document>;
  readonly id: ObjectId;
  readonly foreign: boolean;
}

/** Documents may have two megabytes each. */
const readAtOnce = 32;
const unshown = { 'cs.history': 0, 'cs.ring': 0, 'cs.calls': 0 } as const;

export class FeedChanges {
  readonly #spaces: Collection<Document>;
  readonly #attempt: FeedAttempt;
  readonly #session: ClientSession | undefined;

  /** `spaces`: the collection of the namespaces that are not the default one. */
  constructor(spaces: Collection<Document>, attempt: FeedAttempt, session?: ClientSession) {
    this.#spaces = spaces;
    this.#attempt = attempt;
    this.#session = session;
  }

  /** In parts that fit into memory. A document that is gone is left out: it has a change of its own, or none knows of it. */
  async *of(touched: readonly Touched[]): AsyncIterable<readonly TaskChange[]> {
    for (const collection of new Set(touched.map((each) => each.collection))) {
      const here = touched.filter((each) => each.collection === collection);
      for (let at = 0; at < here.length; at += readAtOnce) {
        const part = here.slice(at, at + readAtOnce);
        const documents = await this.#documents(
          collection,
          part.map(({ id }) => id),
        );
        yield part.flatMap(({ id, foreign }) => this.#change(collection, documents.get(String(id)), foreign));
      }
    }
  }

  /** Of a document that was deleted, by what it was before. */
  deletion(collection: Collection<Document>, before: Document): TaskChange[] {
    // A tombstone's time was over.
    if (before.task_id === undefined) return [];
    const [change] = this.#change(collection, before, true);
    return change ? [{ ...change, task: undefined }] : [];
  }

  async #documents(
    collection: Collection<Document>,
    ids: readonly ObjectId[],
  ): Promise<Map<string, Document>> {
    const { signal } = this.#attempt;
    const options = { projection: unshown, ...(this.#session && { session: this.#session }) };
    const found = collection.find({ _id: { $in: [...ids] } }, abortable(options, signal));
    const documents = await this.#attempt.bounded(found.toArray());
    return new Map(documents.map((document) => [String(document._id), document]));
  }

  #change(collection: Collection<Document>, document: Document | undefined, foreign: boolean): TaskChange[] {
    if (!document) return [];
    const incarnation = String(document._id);
    const { removed, ns } = document.cs ?? {};
    if (removed) {
      const ref: TaskRef = { namespace: removed.ns, category: removed.task, id: removed.task_id };
      return [{ ref, incarnation, task: undefined, foreign }];
    }
    const namespace = collection === this.#spaces ? ns : defaultNamespace;
    // Others may put anything there.
    if (typeof namespace !== 'string' || document.task_id === undefined) return [];
    const ref = refOf(namespace, document);
    return [{ ref, incarnation, task: taskOf(ref, document), foreign }];
  }
}

/** What every port on tasks stands on: the collections, their indexes, the writes, and the reads that all ports have. */
import type { Ending } from '@connections/runtime';
import { readBytes } from '../../domain/task-bounds.ts';
import type { Task, TaskPage, TaskQuery, TaskRef, Transition } from '../../port/tasks.ts';
import { MongoCalls } from './mongo-calls.ts';
import { type IndexPlan, MongoIndexes } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';
import { TaskCollections } from './task-collections.ts';
import { refOf, taskOf, transitionsOf } from './task-document.ts';
import { cursorAt } from './task-filters.ts';
import { identityIndex } from './task-indexes.ts';
import { TaskWrites } from './task-writes.ts';

export class TaskAccess {
  readonly link: MongoLink;
  readonly calls: MongoCalls;
  readonly collections: TaskCollections;
  readonly indexes: MongoIndexes;
  readonly writes: TaskWrites;

  /** Builds its indexes, and what else a port needs of them, in the background. */
  constructor(
    link: MongoLink,
    collection: string,
    moreIndexes: (collections: TaskCollections) => readonly IndexPlan[] = () => [],
  ) {
    this.link = link;
    this.calls = new MongoCalls(link, 'task');
    this.collections = new TaskCollections(link, collection);
    this.indexes = new MongoIndexes(link, [...this.collections.indexes, ...moreIndexes(this.collections)]);
    this.writes = new TaskWrites(this.collections, {
      isDistinct: (ref) => this.indexes.isBuilt(identityIndex, this.collections.of(ref)),
      unknown: () => this.calls.unknown(),
    });
  }

  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<TaskPage> {
    return this.calls.read(signal, async (inner) => {
      const tasks: Task[] = [];
      let bytes = 0;
      let next: string | undefined;
      for await (const document of this.collections.listed(query, page, inner)) {
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

  transitions(ref: TaskRef, signal: Ending): Promise<readonly Transition[] | undefined> {
    return this.calls.read(signal, async (inner) => {
      const document = await this.collections.find(
        ref,
        { projection: { 'cs.history': 1, 'cs.removed': 1 } },
        inner,
      );
      return document ? transitionsOf(document) : undefined;
    });
  }

  ping(signal: Ending): Promise<void> {
    return this.calls.read(signal, (inner) => this.link.ping(inner));
  }

  /** A primary that was voted out and has not noticed would answer what a majority had. */
  get exactly(): { readonly readConcern?: { readonly level: 'linearizable' } } {
    return this.link.topology.hasReplicas ? { readConcern: { level: 'linearizable' } } : {};
  }
}

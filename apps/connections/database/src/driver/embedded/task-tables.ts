/** How tasks lie in the store: records, transitions, and one index for every combination of filters. */
import { type EmbeddedStore, type Table, tupleKey, tupleRange } from '@connections/embedded-store';
import { limits } from '@connections/runtime';
import type { Task, TaskQuery, TaskRef, Transition } from '../../port/tasks.ts';
import { Sequence } from './sequence.ts';

/** A task with what its next write must know. */
export interface StoredTask {
  readonly task: Task;
  /** Grows with every write of any task: lists are in its order, newest first. */
  readonly order: number;
  /** Ids of the newest requests. */
  readonly requests: readonly string[];
  /** How many transitions there ever were. */
  readonly transitions: number;
}

/** Methods that change something run inside a write. */
export class TaskTables {
  /** Namespace, category and id -> task. */
  readonly #tasks: Table<StoredTask>;
  /** Namespace, category, id and slot -> transition: the newest takes the slot of the oldest. */
  readonly #transitions: Table<Transition>;
  /** Filter and order, newest first -> identity. */
  readonly #lists: Table<TaskRef>;
  readonly #orders: Sequence;

  constructor(store: EmbeddedStore) {
    this.#tasks = store.table('tasks');
    this.#transitions = store.table('task-transitions');
    this.#lists = store.table('task-lists');
    this.#orders = new Sequence(store, 'task-order');
  }

  get({ namespace, category, id }: TaskRef): StoredTask | undefined {
    return this.#tasks.get(tupleKey(namespace, category, id));
  }

  put(
    before: StoredTask | undefined,
    task: Task,
    requests: readonly string[],
    transition?: Transition,
  ): void {
    const { namespace, category, id } = task;
    const order = this.#orders.next();
    const made = before?.transitions ?? 0;
    const transitions = transition ? made + 1 : made;
    this.#tasks.put(tupleKey(namespace, category, id), { task, order, requests, transitions });
    if (transition) {
      this.#transitions.put(tupleKey(namespace, category, id, made % limits.transitions), transition);
    }
    if (before) this.#unlist(before);
    for (const list of listsOf(task)) this.#lists.put(listKey(list, order), { namespace, category, id });
  }

  remove(stored: StoredTask): void {
    const { namespace, category, id } = stored.task;
    this.#tasks.remove(tupleKey(namespace, category, id));
    for (const key of this.#transitions.keys(tupleRange([namespace, category, id])))
      this.#transitions.remove(key);
    this.#unlist(stored);
  }

  /** Oldest first. */
  transitions({ namespace, category, id }: TaskRef): readonly Transition[] {
    const entries = this.#transitions.entries(tupleRange([namespace, category, id]));
    return [...entries].map(({ value }) => value).sort((a, b) => a.revision - b.revision);
  }

  /** Tasks that match the query, the newest first, of those older than `after`. */
  *matching(query: TaskQuery, after: number | undefined): Generator<StoredTask> {
    const list = listOf(query);
    const { start, end } = tupleRange(list);
    const range = { start: after === undefined ? start : listKey(list, after - 1), end };
    for (const { value: ref } of this.#lists.entries(range)) {
      const stored = this.get(ref);
      if (stored) yield stored;
    }
  }

  #unlist({ task, order }: StoredTask): void {
    for (const list of listsOf(task)) this.#lists.remove(listKey(list, order));
  }
}

type List = readonly string[];

/** The name of a list tells which filters it is for: `c`, `i`, `s` in this order. */
function listOf({ namespace, category, importName, status }: TaskQuery): List {
  const parts = Object.entries({ c: category, i: importName, s: status });
  const given = parts.filter((part): part is [string, string] => part[1] !== undefined);
  return [given.map(([filter]) => filter).join(''), namespace, ...given.map(([, value]) => value)];
}

/** The eight lists that a task is in. */
function listsOf({ namespace, category, importName, status }: Task): List[] {
  const lists: List[] = [];
  for (const byCategory of [category, undefined]) {
    for (const byImportName of [importName, undefined]) {
      for (const byStatus of [status, undefined]) {
        lists.push(listOf({ namespace, category: byCategory, importName: byImportName, status: byStatus }));
      }
    }
  }
  return lists;
}

function listKey(list: List, order: number): Uint8Array {
  return tupleKey(...list, Number.MAX_SAFE_INTEGER - order);
}

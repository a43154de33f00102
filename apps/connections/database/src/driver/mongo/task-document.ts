/** How a task lies in MongoDB: the first implementation's fields, and all that is ours in one sub-document, `cs`. */
import { type Document, Long, ObjectId } from 'mongodb';
import { beginning } from '../../domain/task-transition.ts';
import type { RingEntry, TaskRecord } from '../../port/task-operation.ts';
import type { Task, TaskRef, Transition } from '../../port/tasks.ts';

/**
 * In the collection of the first implementation, and so found by its queries, lie the tasks of the default namespace;
 * those of all others, with `cs.ns`, share a second one.
 */
export const defaultNamespace = 'default';

/** Names at the top of a document that are no field of a client's. */
export const ownNames: readonly string[] = [
  '_id',
  'task_id',
  'task',
  'import_name',
  'status',
  'code',
  'message',
  'data',
  'cs',
];
const own = new Set(ownNames);

/** A key with its value, where it cannot be a name in a document. */
export interface Pair {
  readonly k: string;
  readonly v: string;
}

/**
 * BSON names end at NUL, and `$ref`, `$id` and `$db` make its libraries take an object for a reference. Such keys of data
 * live as pairs in `cs.odd`.
 */
export function isOddKey(key: string): boolean {
  return key === '$ref' || key === '$id' || key === '$db' || key.includes('\0');
}

/**
 * A client's field of such a name, or of one of ours, lives in `cs.oddFields`. So does one with `$` or `.`, which servers
 * do not take at the top of a document on every way.
 */
export function isOddField(name: string): boolean {
  return isOddKey(name) || own.has(name) || name === '' || name.startsWith('$') || name.includes('.');
}

/** A document as the task that it is, whoever wrote it. What it lacks or holds in other types is made up for. */
export function taskOf({ namespace, category, id }: TaskRef, document: Document): Task {
  const { cs = {} } = document;
  const made = document._id instanceof ObjectId ? document._id.getTimestamp().getTime() : 0;
  return {
    namespace,
    category,
    id,
    status: textOf(document.status),
    code: codeOf(document.code),
    message: textOf(document.message),
    data: dataOf(document),
    importName: textOf(document.import_name) || 'default',
    fields: fieldsOf(document),
    incarnation: String(document._id),
    revision: revisionOf(document),
    createdAt: timeOf(cs.born, made),
    updatedAt: timeOf(cs.at, made),
  };
}

export function recordOf(ref: TaskRef, document: Document): TaskRecord {
  const ring: readonly { readonly rev: number; readonly id: string; readonly mark?: string }[] =
    document.cs?.ring ?? [];
  return {
    task: taskOf(ref, document),
    ring: ring.map(({ rev, id, mark }): RingEntry => {
      return { revision: rev, requestId: id, ...(mark !== undefined && { mark }) };
    }),
  };
}

/** What holds an identity and is no task. */
export function isReservation({ cs }: Document): boolean {
  return cs?.removed?.reserved === true;
}

/** What the first implementation wrote is at the first revision. */
export function revisionOf({ cs }: Document): number {
  return cs?.rev ?? 1;
}

/** The revision that this call made; undefined where it made none, or one that too many others followed. */
export function revisionBy({ cs }: Document, call: string): number | undefined {
  const calls: readonly { readonly id: string; readonly rev: number }[] = cs?.calls ?? [];
  return calls.find(({ id }) => id === call)?.rev;
}

export function refOf(namespace: string, document: Document): TaskRef {
  return { namespace, category: textOf(document.task), id: textOf(document.task_id) };
}

export function transitionsOf({ cs }: Document): Transition[] {
  const history: readonly Document[] = cs?.history ?? [];
  return history.map(({ revision, at, status, code, message, principal }) => ({
    revision,
    at: at.getTime(),
    status: textOf(status),
    code: codeOf(code),
    // A pipeline counts characters, not bytes.
    message: beginning(textOf(message)),
    principal,
  }));
}

export function hasRequest({ cs }: Document, requestId: string | undefined): boolean {
  const ring: readonly { readonly id: string }[] = cs?.ring ?? [];
  return requestId !== undefined && ring.some(({ id }) => id === requestId);
}

function dataOf({ data, cs }: Document): Map<string, string> {
  const plain = isObject(data) ? Object.entries(data) : [];
  const odd: readonly Pair[] = cs?.odd ?? [];
  return new Map([...plain.map(([key, value]) => [key, textOf(value)] as const), ...pairsOf(odd)]);
}

function fieldsOf(document: Document): Map<string, string> {
  const plain = Object.entries(document).filter(
    (entry): entry is [string, string] => !own.has(entry[0]) && typeof entry[1] === 'string',
  );
  const odd: readonly Pair[] = document.cs?.oddFields ?? [];
  return new Map([...plain, ...pairsOf(odd)]);
}

function pairsOf(pairs: readonly Pair[]): (readonly [string, string])[] {
  return pairs.map(({ k, v }) => [k, v]);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  // Beyond 2^53, where the driver keeps the exact number.
  if (Long.isLong(value)) return value.toString();
  return value === undefined || value === null ? '' : (JSON.stringify(value) ?? '');
}

/** The first implementation stores the code as it was sent: as text, too. */
function codeOf(value: unknown): number {
  const code = Math.trunc(Number(textOf(value) || Number.NaN));
  return (code | 0) === code ? code : 0;
}

function timeOf(value: unknown, otherwise: number): number {
  return value instanceof Date ? value.getTime() : otherwise;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

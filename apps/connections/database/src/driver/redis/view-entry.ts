/**
 * An entry of the view as bytes: nine lines, of which scripts compare the first ones without reading JSON.
 *
 *     epoch, incarnation and revision of the base, mark of the last buffered operation, bytes of the buffered ones,
 *     status, import name, ring, the rest of the task
 *
 * A line is empty where there is nothing: no base, no buffer, no task. Text is JSON, which has no line breaks and holds
 * any string.
 */
import type { RingEntry, TaskRecord, TaskStamp } from '../../port/task-operation.ts';
import type { ViewEntry } from '../../port/task-view.ts';
import type { Task, TaskRef } from '../../port/tasks.ts';

/** Each value after its key. */
export type FlatMap = readonly string[];

type TaskLine = readonly [
  code: number,
  message: string,
  data: FlatMap,
  fields: FlatMap,
  createdAt: number,
  updatedAt: number,
  ...stamp: readonly [incarnation: string, revision: number] | readonly [],
];
type RingLine = readonly (readonly [revision: number, requestId: string, ...mark: readonly string[]])[];

/** Status, import name and the rest of a task: three of the lines. */
export type TaskLines = readonly [status: string, importName: string, rest: string];

/** All lines but the epoch, of an entry without a buffer. */
export function filledLines({ task, ring }: TaskRecord): string {
  const [status, importName, rest] = taskLines(task, stampOf(task));
  const incarnation = JSON.stringify(task.incarnation);
  return `${incarnation}\n${task.revision}\n\n\n${status}\n${importName}\n${ringLine(ring)}\n${rest}`;
}

/** `base`: what the task's own stamp is not repeated for. */
export function taskLines(task: Task | undefined, base: TaskStamp | undefined): TaskLines {
  if (!task) return ['', '', ''];
  const { code, message, createdAt, updatedAt, incarnation, revision } = task;
  const isBase = base?.incarnation === incarnation && base.revision === revision;
  const rest: TaskLine = [
    code,
    message,
    flat(task.data),
    flat(task.fields),
    createdAt,
    updatedAt,
    ...(isBase ? ([] as const) : ([incarnation, revision] as const)),
  ];
  return [JSON.stringify(task.status), JSON.stringify(task.importName), JSON.stringify(rest)];
}

export interface StoredEntry extends ViewEntry {
  readonly ring: readonly RingEntry[];
}

/** Undefined for an entry of another epoch. The ring is left empty unless it is asked for. */
export function storedEntry(
  ref: TaskRef,
  text: string,
  epoch: string | undefined,
  withRing: boolean,
): StoredEntry | undefined {
  const [at, incarnation = '', revision, mark, , status = '', importName = '', ring = '', rest = ''] =
    text.split('\n');
  const buffered = mark !== '';
  if (!buffered && at !== epoch) return undefined;
  const base =
    incarnation === '' ? undefined : { incarnation: JSON.parse(incarnation), revision: Number(revision) };
  return {
    base,
    task: status === '' ? undefined : taskOf(ref, [status, importName, rest], base),
    buffered,
    ring: withRing ? ringOf(ring) : [],
  };
}

export function flat(map: ReadonlyMap<string, string>): FlatMap {
  return [...map].flat();
}

export function unflat(pairs: FlatMap): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (let at = 0; at < pairs.length; at += 2) map.set(pairs[at] ?? '', pairs[at + 1] ?? '');
  return map;
}

function taskOf(
  { namespace, category, id }: TaskRef,
  [status, importName, rest]: TaskLines,
  base: TaskStamp | undefined,
): Task {
  const [code, message, data, fields, createdAt, updatedAt, incarnation, revision] = JSON.parse(
    rest,
  ) as TaskLine;
  return {
    namespace,
    category,
    id,
    status: JSON.parse(status),
    code,
    message,
    data: unflat(data),
    importName: JSON.parse(importName),
    fields: unflat(fields),
    incarnation: incarnation ?? base?.incarnation ?? '',
    revision: revision ?? base?.revision ?? 0,
    createdAt,
    updatedAt,
  };
}

function ringLine(ring: readonly RingEntry[]): string {
  const line: RingLine = ring.map(({ revision, requestId, mark }) =>
    mark === undefined ? [revision, requestId] : [revision, requestId, mark],
  );
  return JSON.stringify(line);
}

function ringOf(line: string): RingEntry[] {
  return (JSON.parse(line) as RingLine).map(([revision, requestId, mark]) =>
    mark === undefined ? { revision, requestId } : { revision, requestId, mark },
  );
}

function stampOf({ incarnation, revision }: Task): TaskStamp {
  return { incarnation, revision };
}

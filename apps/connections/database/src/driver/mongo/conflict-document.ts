/** How a conflict lies in MongoDB: a head, and behind it the operations that have no room in that. Texts keep every key. */
import { randomUUID } from 'node:crypto';
import type { Document } from 'mongodb';
import { operationBytes } from '../../domain/operation-bytes.ts';
import { taskBytes } from '../../domain/task-bounds.ts';
import type { Conflict } from '../../port/task-conflicts.ts';
import type { BufferedOperation, TaskOperation } from '../../port/task-operation.ts';
import type { Task, TaskPatch } from '../../port/tasks.ts';

/** Of texts in one document: with what is around them less than a server takes. */
const maxBytes = 6_291_456;

type Texts = ReadonlyMap<string, string>;

export interface StoredConflict extends Document {
  readonly _id: string;
}

/** The head first. Two for the same conflict share the head's name and no part. */
export function conflictDocuments(conflict: Conflict): [StoredConflict, ...StoredConflict[]] {
  const { id, ref, reason, at, base, operations, shown, standing } = conflict;
  const head = { id, ref, reason, at: new Date(at), base, shown: shown && storedTask(shown), standing };
  const parts: Document[][] = [[]];
  let bytes = shown ? textBytes(shown) : 0;
  for (const operation of operations) {
    const size = operationBytes(operation.operation);
    if (bytes + size > maxBytes && bytes > 0) {
      parts.push([]);
      bytes = 0;
    }
    bytes += size;
    parts.at(-1)?.push(storedOperation(operation));
  }
  const [first = [], ...rest] = parts;
  const whole = { ...withoutNothing(head), operations: first, parts: rest.length, of: randomUUID() };
  const names = partIds(whole);
  return [
    { _id: headId(id), ...whole },
    ...rest.map((operations, index) => ({ _id: names[index] ?? '', operations })),
  ];
}

export function headId(id: string): string {
  return `head:${id}`;
}

/** Of a head. */
export function partIds({ of, parts }: Document): string[] {
  return Array.from({ length: parts }, (_, index) => `part:${of}:${index}`);
}

/** `parts`: in order. */
export function conflictOf(head: Document, parts: readonly Document[]): Conflict {
  const { id, ref, reason, at, base, shown, standing } = head;
  const operations = [head, ...parts].flatMap((part) => part.operations as Document[]).map(operationOf);
  return {
    id,
    ref,
    reason,
    at: at.getTime(),
    base,
    operations,
    shown: shown && taskOf(shown),
    standing,
  };
}

function storedTask({ data, fields, ...rest }: Task): Document {
  return { ...rest, data: pairsOf(data), fields: pairsOf(fields) };
}

function taskOf({ data, fields, ...rest }: Document): Task {
  return { ...(rest as Task), data: mapOf(data), fields: mapOf(fields) };
}

function storedOperation({ mark, at, operation }: BufferedOperation): Document {
  return { mark, at: new Date(at), operation: storedWrite(operation) };
}

function operationOf({ mark, at, operation }: Document): BufferedOperation {
  return { mark, at: at.getTime(), operation: writeOf(operation) };
}

function storedWrite(operation: TaskOperation): Document {
  if (operation.kind === 'put') {
    const { state, ...rest } = operation;
    return { ...rest, state: { ...state, data: pairsOf(state.data) } };
  }
  if (operation.kind === 'remove') return operation;
  const { patch, ...rest } = operation;
  const { data, fields, ...plain } = patch;
  const changed = {
    ...plain,
    data: data && { ...data, set: pairsOf(data.set) },
    fields: fields && pairsOf(fields),
  };
  return withoutNothing({ ...rest, patch: withoutNothing(changed) });
}

function writeOf(stored: Document): TaskOperation {
  if (stored.kind === 'put') {
    const state = { ...stored.state, data: mapOf(stored.state.data) };
    return { ...(stored as TaskOperation & { kind: 'put' }), state };
  }
  if (stored.kind === 'remove') return stored as TaskOperation;
  const { data, fields, ...plain } = stored.patch;
  const patch: TaskPatch = {
    ...plain,
    ...(data && { data: { ...data, set: mapOf(data.set) } }),
    ...(fields && { fields: mapOf(fields) }),
  };
  const { expectedRevision, ...rest } = stored;
  return { ...(rest as TaskOperation & { kind: 'patch' }), patch, expectedRevision };
}

/** Keys of callers are no names of a document's fields. */
function pairsOf(texts: Texts): [string, string][] {
  return [...texts];
}

function mapOf(pairs: readonly [string, string][]): Map<string, string> {
  return new Map(pairs);
}

/** The driver would store null. */
function withoutNothing(document: Document): Document {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined));
}

function textBytes({ message, data, fields }: Pick<Task, 'message' | 'data' | 'fields'>): number {
  return taskBytes({ message, data }) + taskBytes({ message: '', data: fields });
}

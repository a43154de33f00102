/** A buffered operation as bytes: JSON in which maps are lists, so that their order and any key are kept. */
import type { BufferedOperation, TaskOperation } from '../../port/task-operation.ts';
import type { TaskPatch, TaskState } from '../../port/tasks.ts';
import { type FlatMap, flat, unflat } from './view-entry.ts';

type Stored = Omit<BufferedOperation, 'operation'> & { readonly by: readonly [string, string] } & (
    | { readonly put: StoredState; readonly ifAbsent?: true }
    | { readonly patch: StoredPatch; readonly expected?: number }
    | { readonly remove: true }
  );

type StoredState = Omit<TaskState, 'data'> & { readonly data: FlatMap };
type StoredPatch = Omit<TaskPatch, 'data' | 'fields'> & {
  readonly data?: readonly [replace: boolean, remove: readonly string[], set: FlatMap];
  readonly fields?: FlatMap;
};

export function operationText({ mark, at, operation }: BufferedOperation): string {
  const by = [operation.requestId, operation.principal] as const;
  const stored: Stored = { mark, at, by, ...contentOf(operation) };
  return JSON.stringify(stored);
}

export function operationOf(text: string): BufferedOperation {
  const stored = JSON.parse(text) as Stored;
  const { mark, at, by } = stored;
  const asked = { requestId: by[0], principal: by[1] };
  if ('put' in stored) {
    const state = { ...stored.put, data: unflat(stored.put.data) };
    const ifAbsent = stored.ifAbsent === true;
    return { mark, at, operation: { ...asked, kind: 'put', state, ifAbsent } };
  }
  if ('patch' in stored) {
    const { expected: expectedRevision } = stored;
    return {
      mark,
      at,
      operation: { ...asked, kind: 'patch', patch: patchOf(stored.patch), expectedRevision },
    };
  }
  return { mark, at, operation: { ...asked, kind: 'remove' } };
}

function contentOf(operation: TaskOperation) {
  switch (operation.kind) {
    case 'put': {
      const { status, code, message, data } = operation.state;
      const put = { status, code, message, data: flat(data) };
      return operation.ifAbsent ? { put, ifAbsent: true as const } : { put };
    }
    case 'patch': {
      const { patch, expectedRevision: expected } = operation;
      return { patch: storedPatch(patch), ...(expected !== undefined && { expected }) };
    }
    case 'remove':
      return { remove: true as const };
  }
}

function storedPatch({ data, fields, ...plain }: TaskPatch): StoredPatch {
  return {
    ...plain,
    ...(data && { data: [data.replace, data.remove, flat(data.set)] as const }),
    ...(fields && { fields: flat(fields) }),
  };
}

function patchOf({ data, fields, ...plain }: StoredPatch): TaskPatch {
  return {
    ...plain,
    ...(data && { data: { replace: data[0], remove: data[1], set: unflat(data[2]) } }),
    ...(fields && { fields: unflat(fields) }),
  };
}

/** Conflicts in a map, for the tests of what is done with them. */
import type { Conflict, TaskConflicts } from '../src/port/task-conflicts.ts';
import type { BufferedOperation, TaskOperation } from '../src/port/task-operation.ts';

export const conflictRef = { namespace: 'default', category: 'c', id: 'a' };

export class ModelledConflicts implements TaskConflicts {
  readonly kept = new Map<string, Conflict>();

  constructor(...conflicts: readonly Conflict[]) {
    for (const conflict of conflicts) this.kept.set(conflict.id, conflict);
  }

  async add(conflict: Conflict): Promise<void> {
    if (!this.kept.has(conflict.id)) this.kept.set(conflict.id, conflict);
  }

  /** By their ids downwards: those of a test are made so that this is the newest first. */
  async list({ after, limit }: { readonly after: string | undefined; readonly limit: number }) {
    const found = [...this.kept.values()]
      .filter(({ id }) => after === undefined || id < after)
      .sort((one, other) => (one.id < other.id ? 1 : -1));
    const conflicts = found.slice(0, limit);
    return { conflicts, next: found.length > limit ? conflicts.at(-1)?.id : undefined };
  }

  async get(id: string): Promise<Conflict | undefined> {
    return this.kept.get(id);
  }

  async drop(id: string): Promise<boolean> {
    return this.kept.delete(id);
  }
}

export function conflictOf(id: string, ...operations: readonly TaskOperation[]): Conflict {
  const buffered = operations.map(
    (operation, index): BufferedOperation => ({ mark: `${id}.${index}`, at: 1_000 + index, operation }),
  );
  return {
    id,
    ref: conflictRef,
    reason: 'OVERTAKEN',
    at: 2_000,
    base: { incarnation: 'i', revision: 3 },
    operations: buffered,
    shown: undefined,
    standing: { incarnation: 'i', revision: 4 },
  };
}

export function putting(requestId: string, status: string, message = ''): TaskOperation {
  const state = { status, code: 0, message, data: new Map<string, string>() };
  return { kind: 'put', requestId, principal: 'ann', state, ifAbsent: true };
}

export function patching(requestId: string, message: string): TaskOperation {
  return { kind: 'patch', requestId, principal: 'ben', patch: { message }, expectedRevision: 99 };
}

export function removing(requestId: string): TaskOperation {
  return { kind: 'remove', requestId, principal: 'ann' };
}

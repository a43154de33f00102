/** Every state that a task of one caller may be in, by what that caller was answered. */
import type { Operation, Shape } from './history.ts';

/** Absent without keys. Two states are the same when their texts are. */
export interface TaskState {
  readonly task: (Omit<Shape, 'keys'> & { readonly keys: string }) | undefined;
  /** Of a removal in a buffer: a put that joins it goes on counting here. */
  readonly carried: number | undefined;
  /** Of its newest writes so many may have been buffered together. */
  readonly waiting: number;
}

export interface AskedWrite {
  readonly operation: Operation;
  readonly request: string;
  readonly status: string;
  readonly plain: boolean;
  /** It may have waited in a buffer. */
  readonly mayWait: boolean;
}

/** More are not followed: nothing is said of the order then. */
export const mostStates = 3_000;

export class PossibleStates {
  readonly #states: ReadonlyMap<string, TaskState>;

  private constructor(states: Iterable<TaskState>) {
    this.#states = new Map(Array.from(states, (state) => [JSON.stringify(state), state]));
  }

  static of(shape: Shape | undefined): PossibleStates {
    return new PossibleStates([{ task: shape && stateOf(shape), carried: undefined, waiting: 0 }]);
  }

  get size(): number {
    return this.#states.size;
  }

  get mayBeAbsent(): boolean {
    return this.#some(({ task }) => task === undefined);
  }

  /** `counts`: whether the number of its writes has to fit, too. */
  allows(shape: Shape | undefined, { counts }: { readonly counts: boolean }): boolean {
    if (!shape) return this.mayBeAbsent;
    const { status, keys, revision } = stateOf(shape);
    return this.#some(
      ({ task }) => task?.status === status && task.keys === keys && (!counts || task.revision === revision),
    );
  }

  /** After a write that took effect. */
  after(write: AskedWrite): PossibleStates {
    return new PossibleStates([...this.#states.values()].flatMap((state) => statesAfter(state, write)));
  }

  /** After a write of which nobody knows whether it did. */
  maybeAfter(write: AskedWrite): PossibleStates {
    return new PossibleStates([...this.#states.values(), ...this.after(write).#states.values()]);
  }

  toString(): string {
    return [...this.#states.keys()].slice(0, 4).join(' or ');
  }

  #some(is: (state: TaskState) => boolean): boolean {
    for (const state of this.#states.values()) if (is(state)) return true;
    return false;
  }
}

function statesAfter({ task, carried, waiting }: TaskState, write: AskedWrite): TaskState[] {
  const { operation, request, status, plain, mayWait } = write;
  const waits = mayWait ? waiting + 1 : 0;
  if (operation === 'remove') {
    const revision = task?.revision ?? carried;
    const gone = { task: undefined, carried: undefined, waiting: waits };
    return revision === undefined ? [gone] : [gone, { ...gone, carried: revision + 1 }];
  }
  const made = (revision: number, keys: readonly string[]): TaskState => ({
    task: { status, keys: joined(keys), revision },
    carried: undefined,
    waiting: waits,
  });
  if (operation === 'patch') {
    if (!task) return [];
    return [made(task.revision + 1, [...task.keys.split(',').filter((key) => key !== ''), request])];
  }
  const keys = plain ? [] : [request];
  // One that was committed and then buffered, because no answer came, stands for what is before it in its buffer.
  const swallowed = mayWait ? waiting : 0;
  const before = [task?.revision ?? 0, ...(task ? [] : [carried ?? 0])];
  const revisions = before.flatMap((revision) =>
    Array.from({ length: Math.min(swallowed, revision) + 1 }, (_, less) => revision - less + 1),
  );
  return [...new Set(revisions)].map((revision) => made(revision, keys));
}

function stateOf({ status, keys, revision }: Shape) {
  return { status, keys: joined(keys), revision };
}

function joined(keys: readonly string[]): string {
  return [...new Set(keys)].sort().join(',');
}

/** Tasks of another program become tasks of ours, each once. */
import type { Ending } from '../domain/call-ending.ts';
import type { TaskRef, TaskState } from './tasks.ts';

export type Adoptable =
  /** There is none of that name, as far as anybody remembers. */
  | 'MISSING'
  /** There is one, or a write on it waits to come home. */
  | 'KNOWN'
  /** It was removed in the last day: longer than that nobody remembers. */
  | 'REMOVED';

export interface AdoptedTask {
  readonly state: TaskState;
  /** As of a task. */
  readonly fields: ReadonlyMap<string, string>;
  /** The same for the same task, whoever adopts it, and no caller's. */
  readonly requestId: string;
  readonly principal: string;
}

export type Adopted = 'ADOPTED' | Exclude<Adoptable, 'MISSING'>;

/** Never buffered. Rejects as the task port does. */
export interface TaskAdoption {
  /** Of tasks of one namespace, in their order, a few hundred at most. Changes nothing, in no store. */
  look(refs: readonly TaskRef[], signal: Ending): Promise<readonly Adoptable[]>;
  /**
   * Creates a task that was missing, at one blow, unless there is one by now. Of one that was created and removed again
   * since the look it need not know.
   */
  adopt(ref: TaskRef, adopted: AdoptedTask, signal: Ending): Promise<Adopted>;
}

/** Work on one task at a time in this process: who asks for it while it is under way gets what comes of it. */
import type { Ending } from '@connections/runtime';
import { taskKey } from '../domain/task-key.ts';
import type { TaskRef } from '../port/tasks.ts';

interface UnderWay<T> {
  readonly work: Promise<T>;
  /** Of who began it. */
  readonly signal: Ending;
}

export class SharedWork<T> {
  readonly #underWay = new Map<string, UnderWay<T>>();

  /** Rejects as the work does, unless who began it has left: who joined begins it anew then. */
  async share(ref: TaskRef, signal: Ending, begin: () => Promise<T>): Promise<T> {
    const key = taskKey(ref);
    for (let other = this.#underWay.get(key); other; other = this.#underWay.get(key)) {
      try {
        return await other.work;
      } catch (error) {
        if (!other.signal.aborted) throw error;
        signal.throwIfAborted();
      }
    }
    const work = begin().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, { work, signal });
    return work;
  }
}

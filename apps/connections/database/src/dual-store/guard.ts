/** Calls of one store: refused at once while its breaker is open, and given up when they take too long. */
import { failure } from '@connections/runtime/errors';
import { Breaker } from './breaker.ts';
import type { Pace } from './pace.ts';
import { isStoreFull, isStoreLoss, unreachable } from './store-loss.ts';

export interface GuardedCall {
  /** The other store is asked then, or the caller is answered. */
  readonly withinMs: number;
  /** Without an answer nobody knows whether it was done. */
  readonly changes: boolean;
}

export class Guard {
  readonly #pace: Pace;
  readonly #breaker: Breaker;

  constructor(pace: Pace) {
    this.#pace = pace;
    this.#breaker = new Breaker(pace);
  }

  get allows(): boolean {
    return this.#breaker.allows;
  }

  /** Rejects as a view does. `isLoss`: an answer that says that the store did not answer. */
  async call<T>(
    work: () => Promise<T>,
    { withinMs, changes }: GuardedCall,
    isLoss: (answer: T) => boolean = () => false,
  ): Promise<T> {
    const admission = this.#breaker.begin();
    if (!admission) throw unreachable();
    try {
      const answered = work().then((answer) => ({ answer }));
      const inTime = await this.#pace.atMost(withinMs, answered);
      if (!inTime) throw changes ? failure('OUTCOME_UNKNOWN', { store: 'task' }) : unreachable();
      if (isLoss(inTime.answer)) this.#breaker.failed(admission);
      else this.#breaker.succeeded(admission);
      return inTime.answer;
    } catch (error) {
      if (isStoreLoss(error)) this.#breaker.failed(admission);
      else if (isStoreFull(error)) this.#breaker.succeeded(admission);
      else this.#breaker.ended(admission);
      throw error;
    }
  }
}

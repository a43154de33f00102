/** What is known of requests that carry an id: one of unknown outcome is repeated until it is acknowledged. */
import type { Outcome } from './call-outcome.ts';

export class RequestOutcomes {
  readonly acknowledged = new Set<string>();
  readonly refused = new Set<string>();
  #open: string | undefined;
  #made = 0;

  /** The id that the next write is to carry. */
  next(): string {
    return this.#open ?? `r${this.#made++}`;
  }

  note(request: string, outcome: Outcome): void {
    if (outcome === 'unknown') {
      this.#open = request;
    } else if (outcome === 'acknowledged') {
      this.acknowledged.add(request);
      this.#open = undefined;
    } else if (outcome === 'refused' && this.#open === undefined) {
      // The refusal of a repetition says nothing of the first try.
      this.refused.add(request);
    }
  }
}

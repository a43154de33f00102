/** A message that was not confirmed. */

export interface Unconfirmed {
  readonly id: string;
  /**
   * UNROUTABLE: no queue is bound for the routing key, nothing is kept. REJECTED: the broker refused it, nothing is kept.
   * UNKNOWN: it may be there; publish it again with the same id.
   */
  readonly outcome: 'UNROUTABLE' | 'REJECTED' | 'UNKNOWN';
  /** For people. */
  readonly reason: string;
}

/** Some messages of a publish were not confirmed; the others were. */
export class PublishError extends Error {
  /** At least one, in the order of the messages. */
  readonly unconfirmed: readonly Unconfirmed[];
  /** Of the first of them. */
  readonly id: string;
  readonly outcome: Unconfirmed['outcome'];

  constructor(first: Unconfirmed, others: readonly Unconfirmed[]) {
    const more = others.length > 0 ? ` (and ${others.length} more)` : '';
    super(`message ${first.id} is ${first.outcome}${first.reason && `: ${first.reason}`}${more}`);
    this.name = 'PublishError';
    this.unconfirmed = [first, ...others];
    this.id = first.id;
    this.outcome = first.outcome;
  }
}

/** A publish that was refused here: nothing of it was sent. */

/**
 * `unreachable`: there is no connection. `blocked`: the broker takes nothing because it lacks memory or disk. `full`: too
 * much waits for its confirm. `no-exchange`: the exchange is not declared. `closed`: we are.
 */
export type NotSentWhy = 'unreachable' | 'blocked' | 'full' | 'no-exchange' | 'closed';

export class NotSentError extends Error {
  readonly why: NotSentWhy;

  constructor(why: NotSentWhy, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotSentError';
    this.why = why;
  }
}

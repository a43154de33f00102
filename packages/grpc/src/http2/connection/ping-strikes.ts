/** Counts the PINGs of a client that come too early (gRPC proposals A8 and A9). */
import { ConnectionError } from '../error-code.ts';
import { maxPingStrikes } from './abuse-bounds.ts';
import type { Clock } from './connection-options.ts';

export class PingStrikes {
  readonly #clock: Clock;
  readonly #minIntervalMs: number;
  #last = Number.NEGATIVE_INFINITY;
  #strikes = 0;

  constructor(clock: Clock, minIntervalMs: number) {
    this.#clock = clock;
    this.#minIntervalMs = minIntervalMs;
  }

  /** Throws ConnectionError; its text is what clients look for before they ping less often. */
  pinged(): void {
    const now = this.#clock.now();
    if (now - this.#last < this.#minIntervalMs) this.#strikes++;
    this.#last = now;
    if (this.#strikes > maxPingStrikes) throw new ConnectionError('ENHANCE_YOUR_CALM', 'too_many_pings');
  }

  /** Something was sent: clients measure the delay and the bandwidth of what they are sent by PINGs. */
  clear(): void {
    this.#strikes = 0;
    this.#last = Number.NEGATIVE_INFINITY;
  }
}

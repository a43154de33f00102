/** How long a server is left alone after an attempt to connect: gRPC's connection backoff. */
import type { BackoffOptions } from './channel-options.ts';

const multiplier = 1.6;
const jitter = 0.2;

export class ConnectionBackoff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #attempts = 0;

  /** @param random from 0 to 1 */
  constructor({ initialMs = 1_000, maxMs = 120_000 }: BackoffOptions, random: () => number) {
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Since the last reset. */
  get attempts(): number {
    return this.#attempts;
  }

  /** An attempt begins: milliseconds from now before which there shall be no other. */
  next(): number {
    const delayMs = Math.min(this.#initialMs * multiplier ** this.#attempts++, this.#maxMs);
    return delayMs * (1 + jitter * (2 * this.#random() - 1));
  }

  reset(): void {
    this.#attempts = 0;
  }
}

/** Tells when a store is not worth asking: after failures it refuses for a while, then lets one call try. */
import type { Pace } from './pace.ts';

/** In a row. */
const mostFailures = 5;
/** Or half of so many within a second. */
const windowCalls = 20;
const windowMs = 1_000;
/** Before a try; the longer the more tries failed, each by chance so that processes do not try together. */
const shortestPauseMs = 100;
const longestPauseMs = 5_000;

/** Of a call that is let through: as every other, or as the one that tries. */
export type Admission = 'PLAIN' | 'TRY';

export class Breaker {
  readonly #pace: Pick<Pace, 'now' | 'random'>;
  /** In a row. */
  #failures = 0;
  #windowFrom = 0;
  #windowFailed = 0;
  #windowAnswered = 0;
  /** Undefined: closed. */
  #openUntil: number | undefined;
  /** Since it opened first. */
  #tries = 0;
  #trying = false;

  constructor(pace: Pick<Pace, 'now' | 'random'>) {
    this.#pace = pace;
  }

  /** Whether a call would be let through. */
  get allows(): boolean {
    if (this.#openUntil === undefined) return true;
    return !this.#trying && this.#pace.now() >= this.#openUntil;
  }

  /** Undefined: refused. Each call that is let through must end with `succeeded`, `failed` or `ended`. */
  begin(): Admission | undefined {
    if (!this.allows) return undefined;
    if (this.#openUntil === undefined) return 'PLAIN';
    this.#trying = true;
    return 'TRY';
  }

  succeeded(call: Admission): void {
    if (this.#isPast(call)) return;
    this.#count();
    this.#windowAnswered++;
    this.#failures = 0;
    if (call === 'PLAIN') return;
    this.#trying = false;
    this.#tries = 0;
    this.#openUntil = undefined;
  }

  failed(call: Admission): void {
    if (this.#isPast(call)) return;
    this.#count();
    this.#windowFailed++;
    this.#failures++;
    if (call === 'TRY' || this.#isTooMuch()) this.#open();
  }

  /** Nothing can be said of the store: the caller gave up. */
  ended(call: Admission): void {
    if (call === 'TRY') this.#trying = false;
  }

  /** Since it was begun others have opened the breaker: only the one that tries can say more. */
  #isPast(call: Admission): boolean {
    return call === 'PLAIN' && this.#openUntil !== undefined;
  }

  #isTooMuch(): boolean {
    const calls = this.#windowFailed + this.#windowAnswered;
    const isHalf = calls >= windowCalls && 2 * this.#windowFailed >= calls;
    return this.#failures >= mostFailures || isHalf;
  }

  #open(): void {
    const bound = Math.min(longestPauseMs, shortestPauseMs * 2 ** this.#tries);
    this.#tries++;
    this.#trying = false;
    this.#windowFailed = 0;
    this.#windowAnswered = 0;
    this.#openUntil = this.#pace.now() + shortestPauseMs + bound * this.#pace.random();
  }

  #count(): void {
    const now = this.#pace.now();
    if (now - this.#windowFrom < windowMs) return;
    this.#windowFrom = now;
    this.#windowFailed = 0;
    this.#windowAnswered = 0;
  }
}

/** How long a connection of a server may last, and how long without a stream. */
import type { Clock } from './connection-options.ts';

export interface ConnectionAgeOptions {
  readonly clock: Clock;
  readonly maxAgeMs: number | undefined;
  readonly maxAgeGraceMs: number | undefined;
  readonly maxIdleMs: number | undefined;
  isIdle(): boolean;
  drain(): void;
  /** The grace is over. */
  force(): void;
}

/** As gRPC's proposal A9 has it: a tenth more or less. */
const jitter = 0.1;

export class ConnectionAge {
  readonly #options: ConnectionAgeOptions;
  #idleSince: number;
  #aging: Disposable | undefined;
  #idling: Disposable | undefined;

  constructor(options: ConnectionAgeOptions) {
    this.#options = options;
    const { clock, maxAgeMs, maxIdleMs } = options;
    this.#idleSince = clock.now();
    if (maxAgeMs !== undefined) {
      this.#aging = clock.after(maxAgeMs * (1 - jitter + 2 * jitter * Math.random()), () => this.#aged());
    }
    if (maxIdleMs !== undefined) this.#idling = clock.after(maxIdleMs, () => this.#idled(maxIdleMs));
  }

  /** The last stream is over. */
  idle(): void {
    if (this.#idling) this.#idleSince = this.#options.clock.now();
  }

  stop(): void {
    this.#aging?.[Symbol.dispose]();
    this.#idling?.[Symbol.dispose]();
  }

  #aged(): void {
    const { clock, maxAgeGraceMs, force } = this.#options;
    if (maxAgeGraceMs !== undefined) this.#aging = clock.after(maxAgeGraceMs, force);
    this.#options.drain();
  }

  /** One timer that looks again, so that nothing is to be set for a stream. */
  #idled(maxIdleMs: number): void {
    const { clock, isIdle, drain } = this.#options;
    const left = isIdle() ? this.#idleSince + maxIdleMs - clock.now() : maxIdleMs;
    if (left > 0) this.#idling = clock.after(left, () => this.#idled(maxIdleMs));
    else drain();
  }
}

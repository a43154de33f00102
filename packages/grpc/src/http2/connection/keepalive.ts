/** Asks a peer that has been silent whether it is still there. */
import type { Clock } from './connection-options.ts';

export interface KeepaliveOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export interface Asking {
  /** Whether a PING may be sent now. */
  mayAsk(): boolean;
  ask(): void;
  /** Nothing was heard after the PING. */
  unanswered(): void;
}

export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #asking: Asking;
  #heardAt: number;
  #timer: Disposable;

  constructor(options: KeepaliveOptions, asking: Asking) {
    this.#options = options;
    this.#asking = asking;
    this.#heardAt = options.clock.now();
    this.#timer = options.clock.after(options.intervalMs, this.#look);
  }

  /** Something came from the peer. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
  }

  stop(): void {
    this.#timer[Symbol.dispose]();
  }

  readonly #look = (): void => {
    const { clock, intervalMs, timeoutMs } = this.#options;
    const left = this.#heardAt + intervalMs - clock.now();
    if (left > 0 || !this.#asking.mayAsk()) {
      this.#timer = clock.after(left > 0 ? left : intervalMs, this.#look);
      return;
    }
    this.#asking.ask();
    const askedAt = clock.now();
    this.#timer = clock.after(timeoutMs, () => {
      if (this.#heardAt < askedAt) this.#asking.unanswered();
      else this.#look();
    });
  };
}

/** Bounds the deliveries that are in this process, over all streams: taken from the broker and not yet by a transport. */
import type { StatusError } from '@connections/grpc/status';
import type { Clock } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';

export interface DeliveryBudgetOptions {
  readonly maxBytes: number;
  /** Age of a claim at which its stream is relieved of it, if others wait. */
  readonly stalledMs: number;
  readonly clock: Clock;
}

/** Told why its room is wanted; must lead to a release. */
export type Relieve = (reason: StatusError) => void;

/** One delivery's share. Released more than once, it is free once. */
export interface Claim {
  release(): void;
}

interface Open {
  readonly since: number;
  readonly relieve: Relieve;
}

interface Waiter {
  readonly bytes: number;
  readonly wake: () => void;
}

export class DeliveryBudget {
  readonly #options: DeliveryBudgetOptions;
  /** Oldest first. */
  readonly #open = new Set<Open>();
  /** In order of arrival. */
  readonly #waiting = new Set<Waiter>();
  #bytes = 0;
  #watch: Disposable | undefined;
  #waking = false;

  constructor(options: DeliveryBudgetOptions) {
    this.#options = options;
  }

  /** Of all claims. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Undefined when there is no room: the delivery is to be given back. One is always let through. `relieve` is called
   * when the claim is old and others wait.
   */
  claim(bytes: number, relieve: Relieve): Claim | undefined {
    if (!this.#fits(bytes)) return undefined;
    const open = { since: this.#options.clock.now(), relieve };
    this.#open.add(open);
    this.#bytes += bytes;
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.#open.delete(open);
        this.#bytes -= bytes;
        this.#wakeFirst();
      },
    };
  }

  /** Resolves when there is room for so many bytes, which others may take first. Rejects with the signal's reason. */
  room(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#fits(bytes)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', aborted);
      };
      const aborted = () => {
        leave();
        reject(signal.reason);
      };
      const waiter = {
        bytes,
        wake: () => {
          leave();
          resolve();
        },
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', aborted);
      this.#waiting.add(waiter);
      this.#watchOldest();
    });
  }

  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#options.maxBytes;
  }

  /** One in a turn of the loop: whoever is woken takes its room, or finds its queue empty, before the next. */
  #wakeFirst(): void {
    if (this.#waking) return;
    const [waiter] = this.#waiting;
    if (!waiter || !this.#fits(waiter.bytes)) return;
    this.#waking = true;
    waiter.wake();
    setImmediate(() => {
      this.#waking = false;
      this.#wakeFirst();
    });
  }

  #watchOldest(): void {
    const [oldest] = this.#open;
    if (this.#watch || !oldest || this.#waiting.size === 0) return;
    const { clock, stalledMs } = this.#options;
    this.#watch = clock.after(oldest.since + stalledMs - clock.now(), () => {
      this.#watch = undefined;
      this.#relieveStalled();
      this.#watchOldest();
    });
  }

  #relieveStalled(): void {
    const { clock, stalledMs } = this.#options;
    for (const open of this.#open) {
      if (this.#waiting.size === 0 || clock.now() - open.since < stalledMs) return;
      this.#open.delete(open);
      open.relieve(failure('SLOW_CONSUMER', { seconds: stalledMs / 1_000 }));
    }
  }
}

/** Limits of time, all of them by one timer: one for each call costs more than the rest of what stands around it. */
import type { Clock } from './clock.ts';
import { OpenItem, OpenList } from './open-list.ts';

/** What has a limit. Closing it lifts that. */
export abstract class Limited extends OpenItem {
  /** In the time that ticks count. */
  untilMs = 0;
  /** Called once, when the time is over; it is closed by then. */
  abstract over(): void;
}

/**
 * What one tick counts at most, in ticks. A busy event loop makes every tick late, and the limit holds all the same;
 * neither a clock that is set nor a loop that was held is laid to a store's charge.
 */
const mostTicks = 5;

export class TimeLimits {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #open = new OpenList<Limited>();
  /** By the ticks so far. */
  #countedMs = 0;
  #ticking = false;

  /** A limit is over at most two ticks late, unless the event loop is held. */
  constructor(clock: Clock, tickMs: number) {
    this.#clock = clock;
    this.#tickMs = tickMs;
  }

  open(limited: Limited, ms: number): void {
    if (!this.#ticking) this.#nextTick();
    // The tick under way does not count: it may have been for long.
    limited.untilMs = this.#countedMs + this.#tickMs + ms;
    this.#open.open(limited);
  }

  #nextTick(): void {
    this.#ticking = true;
    const since = this.#clock.now();
    this.#clock.after(this.#tickMs, () => {
      const ms = this.#clock.now() - since;
      this.#countedMs += Math.min(Math.max(ms, 0), mostTicks * this.#tickMs);
      const due = [...this.#open].filter(({ untilMs }) => this.#countedMs >= untilMs);
      for (const limited of due) {
        // What ended before may have lifted it.
        if (!limited.isOpen) continue;
        limited.close();
        limited.over();
      }
      this.#ticking = false;
      if (!this.#open.isEmpty) this.#nextTick();
    });
  }
}

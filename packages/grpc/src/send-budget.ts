/** Bounds the bytes of responses that a server's transport has been given and has not taken, over all streams. */
import type { StatusError } from './status-error.ts';
import type { Clock } from './timer.ts';
import { slowConsumer } from './transport-failures.ts';

export interface SendBudgetOptions {
  readonly maxBytes: number;
  /** Age of an untaken message at which its stream is ended, if others wait. */
  readonly stalledMs: number;
  readonly clock: Clock;
}

/** A stream that sends, which has at most one message waiting or untaken at any time. The fields are for the budget alone. */
export interface SendLane {
  /** Of the message; less than 0 while there is none. */
  laneBytes: number;
  laneSince: number;
  /** The message has room: it is to be sent now. */
  admitted(): void;
  /** The stream stood still while others waited for room, and holds nothing any more: it is to be ended. */
  stalled(reason: StatusError): void;
}

/**
 * Streams that find no room wait in order of arrival. A message is always let through when nothing is untaken, so one
 * larger than the budget passes alone. Nothing is known of the part of a message that was taken: a stream moves when
 * a whole one was.
 */
export class SendBudget {
  readonly #options: SendBudgetOptions;
  readonly #waiting = new Set<SendLane>();
  /** Oldest first: a lane enters when its message is sent and leaves when it is taken. */
  readonly #sending = new Set<SendLane>();
  #untakenBytes = 0;
  #admitting = false;
  #watch: Disposable | undefined;

  constructor(options: SendBudgetOptions) {
    this.#options = options;
  }

  get untakenBytes(): number {
    return this.#untakenBytes;
  }

  /** Tells the lane as soon as its message has room, at once or later; never once it was released. */
  give(lane: SendLane, bytes: number): void {
    lane.laneBytes = bytes;
    if (this.#waiting.size === 0 && this.#hasRoom(lane)) this.#admit(lane);
    else this.#wait(lane);
  }

  /** The transport has taken the message, or the stream is over: what it held is free, what it waited for is forgotten. */
  release(lane: SendLane): void {
    const { laneBytes } = lane;
    if (laneBytes < 0) return;
    lane.laneBytes = -1;
    this.#waiting.delete(lane);
    if (this.#sending.delete(lane)) this.#untakenBytes -= laneBytes;
    if (!this.#admitting) this.#admitWaiting();
  }

  /** One after the other: one that is taken at once leaves its room to the next, not deeper and deeper in the stack. */
  #admitWaiting(): void {
    this.#admitting = true;
    for (const next of this.#waiting) {
      if (!this.#hasRoom(next)) break;
      this.#waiting.delete(next);
      this.#admit(next);
    }
    this.#admitting = false;
  }

  #hasRoom(lane: SendLane): boolean {
    return this.#untakenBytes === 0 || this.#untakenBytes + lane.laneBytes <= this.#options.maxBytes;
  }

  #admit(lane: SendLane): void {
    this.#untakenBytes += lane.laneBytes;
    this.#sending.add(lane);
    lane.laneSince = this.#options.clock.now();
    lane.admitted();
  }

  #wait(lane: SendLane): void {
    this.#waiting.add(lane);
    this.#watchOldest();
  }

  #watchOldest(): void {
    const oldest = first(this.#sending);
    if (this.#watch || !oldest || this.#waiting.size === 0) return;
    const { clock, stalledMs } = this.#options;
    this.#watch = clock.after(Math.max(oldest.laneSince + stalledMs - clock.now(), 0), () => {
      this.#watch = undefined;
      this.#endStalled();
      this.#watchOldest();
    });
  }

  #endStalled(): void {
    const { clock, stalledMs } = this.#options;
    for (const lane of this.#sending) {
      if (this.#waiting.size === 0 || clock.now() - lane.laneSince < stalledMs) return;
      this.release(lane);
      lane.stalled(slowConsumer(stalledMs / 1_000));
    }
  }
}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}

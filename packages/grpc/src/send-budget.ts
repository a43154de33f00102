/** Bounds the bytes of responses that a server's transport has been given and has not taken, over all streams. */
import type { StatusError } from './status-error.ts';
import { slowConsumer } from './transport-failures.ts';

interface Clock {
  now(): number;
  after(delayMs: number, task: () => void): Disposable;
}

export interface SendBudgetOptions {
  readonly maxBytes: number;
  /** Age of an untaken message at which its stream is ended, if others wait. */
  readonly stalledMs: number;
  readonly clock: Clock;
}

/** The share of one stream, which has at most one message waiting or untaken at any time. */
export interface SendLane {
  /** Calls `send` as soon as the message has room, at once or later; never once the lane is closed. */
  give(bytes: number, send: () => void): void;
  /** The transport has taken the message. */
  taken(): void;
  /** The stream is over: what it held is free, what it waited for is forgotten. */
  close(): void;
}

interface Lane {
  readonly end: (reason: StatusError) => void;
  bytes: number;
  send: () => void;
  since: number;
}

/**
 * Streams that find no room wait in order of arrival. A message is always let through when nothing is untaken, so one
 * larger than the budget passes alone. Nothing is known of the part of a message that was taken: a stream moves when
 * a whole one was.
 */
export class SendBudget {
  readonly #options: SendBudgetOptions;
  readonly #waiting = new Set<Lane>();
  /** Oldest first: a lane enters when its message is sent and leaves when it is taken. */
  readonly #sending = new Set<Lane>();
  #untakenBytes = 0;
  #watch: Disposable | undefined;

  constructor(options: SendBudgetOptions) {
    this.#options = options;
  }

  get untakenBytes(): number {
    return this.#untakenBytes;
  }

  /** `end` is called with the error of a stream that stands still while others wait; its lane is closed by then. */
  open(end: (reason: StatusError) => void): SendLane {
    const lane: Lane = { end, bytes: 0, send: nothing, since: 0 };
    return {
      give: (bytes, send) => {
        lane.bytes = bytes;
        lane.send = send;
        if (this.#waiting.size === 0 && this.#hasRoom(lane)) this.#admit(lane);
        else this.#wait(lane);
      },
      taken: () => this.#release(lane),
      close: () => this.#release(lane),
    };
  }

  #hasRoom(lane: Lane): boolean {
    return this.#untakenBytes === 0 || this.#untakenBytes + lane.bytes <= this.#options.maxBytes;
  }

  #admit(lane: Lane): void {
    this.#untakenBytes += lane.bytes;
    this.#sending.add(lane);
    lane.since = this.#options.clock.now();
    const { send } = lane;
    // It holds the message.
    lane.send = nothing;
    send();
  }

  #wait(lane: Lane): void {
    this.#waiting.add(lane);
    this.#watchOldest();
  }

  #release(lane: Lane): void {
    this.#waiting.delete(lane);
    if (this.#sending.delete(lane)) this.#untakenBytes -= lane.bytes;
    for (const next of this.#waiting) {
      if (!this.#hasRoom(next)) break;
      this.#waiting.delete(next);
      this.#admit(next);
    }
  }

  #watchOldest(): void {
    const oldest = first(this.#sending);
    if (this.#watch || !oldest || this.#waiting.size === 0) return;
    const { clock, stalledMs } = this.#options;
    this.#watch = clock.after(Math.max(oldest.since + stalledMs - clock.now(), 0), () => {
      this.#watch = undefined;
      this.#endStalled();
      this.#watchOldest();
    });
  }

  #endStalled(): void {
    const { clock, stalledMs } = this.#options;
    for (const lane of this.#sending) {
      if (this.#waiting.size === 0 || clock.now() - lane.since < stalledMs) return;
      this.#release(lane);
      lane.end(slowConsumer(stalledMs / 1_000));
    }
  }
}

function nothing(): void {}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}

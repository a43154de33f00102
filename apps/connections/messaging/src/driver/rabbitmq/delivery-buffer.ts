/** What has arrived for one subscription and nobody has asked for yet, in order. */
import type { DeliveryMemory } from './delivery-memory.ts';
import type { RabbitAttachment } from './rabbit-attachment.ts';
import type { Incoming } from './rabbit-message.ts';

/** A delivery from its arrival to its settlement. */
export interface Held {
  readonly attachment: RabbitAttachment;
  /** Means something on that attachment alone. */
  readonly channelTag: number;
  readonly incoming: Incoming;
  readonly bytes: number;
  /** Undefined until it is known how often the message has failed. */
  attempt: number | undefined;
}

/** After some thirty small messages a large one no longer counts. */
const forgetting = 0.9;

export class DeliveryBuffer implements Disposable {
  readonly #memory: DeliveryMemory;
  readonly #joined: Disposable;
  #held: Held[] = [];
  #bytes = 0;
  /** What the next message may have: the largest of those that came lately. Undefined before the first. */
  #expectedBytes: number | undefined;

  constructor(memory: DeliveryMemory) {
    this.#memory = memory;
    this.#joined = memory.join();
  }

  get length(): number {
    return this.#held.length;
  }

  /** How many messages may be on their way here: one until their size is known, or where there is no room. */
  get allowance(): number {
    if (this.#expectedBytes === undefined || this.#memory.isFull) return 1;
    return Math.max(1, Math.floor(this.#memory.share / Math.max(this.#expectedBytes, 1)));
  }

  get isTooMuch(): boolean {
    return this.#memory.isFull || this.#bytes > this.#memory.share;
  }

  get first(): Held | undefined {
    return this.#held[0];
  }

  push(held: Held): void {
    this.#held.push(held);
    this.#count(held.bytes);
    this.#expectedBytes = Math.max(held.bytes, (this.#expectedBytes ?? 0) * forgetting);
  }

  /** The first. */
  shift(): void {
    const held = this.#held.shift();
    if (held) this.#count(-held.bytes);
  }

  /** Takes out everything but the first so many. */
  cut(left: number): readonly Held[] {
    const rest = this.#held.splice(left);
    for (const { bytes } of rest) this.#count(-bytes);
    return rest;
  }

  [Symbol.dispose](): void {
    this.cut(0);
    this.#joined[Symbol.dispose]();
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#memory.add(bytes);
  }
}

/** How much the subscriptions of a process hold together that nobody has asked for yet, and what each may be sent of it. */

/** Beyond it, a subscription that nobody reads gives back what it holds and takes one message at a time. */
const maxBytes = 67_108_864;
/** Of one subscription, however few there are. */
const maxBytesOfOne = 4_194_304;

export class DeliveryMemory {
  #subscriptions = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes > maxBytes;
  }

  /** What one subscription may hold, in bytes: shares are equal, so that all of them together keep the bound. */
  get share(): number {
    return Math.min(maxBytesOfOne, maxBytes / Math.max(this.#subscriptions, 1));
  }

  /** Of one subscription; disposed of more than once, it leaves once. */
  join(): Disposable {
    this.#subscriptions += 1;
    let joined = true;
    return {
      [Symbol.dispose]: () => {
        if (joined) this.#subscriptions -= 1;
        joined = false;
      },
    };
  }

  /** Negative for what has gone. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }
}

/** Hands messages to whoever awaits the next one, and reads from the wire only what somebody awaits. */

interface Waiter<T> {
  readonly resolve: (step: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

export class PullQueue<T> {
  /** Has a length of one unless `next` is called again before it has settled. */
  readonly #waiting: Waiter<T>[] = [];
  readonly #read: () => void;
  #ended = false;
  #failure: unknown;

  constructor(read: () => void) {
    this.#read = read;
  }

  get ended(): boolean {
    return this.#ended;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#ended) this.#settle();
      else if (this.#waiting.length === 1) this.#read();
    });
  }

  /** Called once for each `read`. */
  push(message: T): void {
    this.#waiting.shift()?.resolve({ done: false, value: message });
    if (this.#waiting.length > 0) this.#read();
  }

  /** The first end counts. Its failure is told once, to whoever asks first; to all others the stream has ended. */
  end(failure?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#settle();
  }

  #settle(): void {
    for (const waiter of this.#waiting.splice(0)) {
      if (this.#failure === undefined) waiter.resolve({ done: true, value: undefined });
      else waiter.reject(this.#failure);
      this.#failure = undefined;
    }
  }
}

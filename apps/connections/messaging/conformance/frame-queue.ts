/** Hands what is put in at one side out at the other, in order, to one reader who waits for it. */

export class FrameQueue<Frame> implements AsyncIterable<Frame> {
  readonly #frames: Frame[] = [];
  #changed: () => void = () => {};
  #ended = false;

  put(frame: Frame): void {
    this.#frames.push(frame);
    this.#changed();
  }

  end(): void {
    this.#ended = true;
    this.#changed();
  }

  /** Undefined when the queue has ended and is empty. */
  async take(signal?: AbortSignal): Promise<Frame | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      const frame = this.#frames.shift();
      if (frame !== undefined || this.#ended) return frame;
      await this.#change(signal);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Frame, void> {
    for (let frame = await this.take(); frame !== undefined; frame = await this.take()) yield frame;
  }

  async #change(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const changed = () => {
        signal?.removeEventListener('abort', changed);
        resolve();
      };
      this.#changed = changed;
      signal?.addEventListener('abort', changed);
    });
  }
}

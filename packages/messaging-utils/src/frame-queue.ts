/** Frames on their way to the service: pushed here, pulled by the transport. */

/** Bounded by its user: a consumer has no more to say than it has deliveries. */
export class FrameQueue<Frame> implements AsyncIterable<Frame> {
  #frames: Frame[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  push(frame: Frame): void {
    if (this.#ended) return;
    this.#frames.push(frame);
    this.#wake?.();
  }

  /** What was pushed is still pulled. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Frame, void> {
    for (;;) {
      const frames = this.#frames;
      this.#frames = [];
      yield* frames;
      if (this.#frames.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Bounds the bytes that are being published at once, over all calls: what waits for a broker waits in memory. */
import { failure } from '@connections/runtime/errors';

export class PublishRoom {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Until it is disposed of. Throws RESOURCE_EXHAUSTED when there is none; one call is always let through. */
  take(bytes: number): Disposable {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) {
      throw failure('TOO_MUCH_UNCONFIRMED', { limit: `${this.#maxBytes} bytes` });
    }
    this.#bytes += bytes;
    return {
      [Symbol.dispose]: () => {
        this.#bytes -= bytes;
      },
    };
  }
}

/** A request that is answered without a handler: it is no call, or none that this server serves. */
import type { HeaderBlock, HeaderFields } from '../http2/header-fields.ts';
import type { Http2Stream, StreamOwner } from '../http2/stream/stream-owner.ts';

export interface Refusal {
  readonly shared: HeaderFields;
  readonly own: HeaderFields | undefined;
  /** For who does not speak gRPC; empty for who does. */
  readonly body: Uint8Array;
}

const noPrefix = new Uint8Array();

/**
 * Answered when what has come is read, so that no client can open more streams by being refused than it may have. Who does not
 * speak gRPC has its answer when its request is complete; a call may wait for its answer before it goes on.
 */
export class RefusedCall implements StreamOwner {
  readonly #stream: Http2Stream;
  readonly #refusal: Refusal;

  constructor(stream: Http2Stream, refusal: Refusal, endStream: boolean) {
    this.#stream = stream;
    this.#refusal = refusal;
    if (endStream || refusal.body.length === 0) this.#answer();
  }

  headers(): void {}

  data(_buffer: Uint8Array, start: number, end: number, endStream: boolean): void {
    this.#stream.release(end - start);
    if (endStream) this.#ended();
  }

  trailers(_block: HeaderBlock): void {
    this.#ended();
  }

  taken(): void {}

  closed(): void {}

  #ended(): void {
    if (this.#refusal.body.length > 0) this.#answer();
  }

  #answer(): void {
    const { shared, own, body } = this.#refusal;
    setImmediate(() => {
      this.#stream.sendHeaders(shared, own, body.length === 0);
      if (body.length > 0) this.#stream.sendData(noPrefix, body, true);
    });
  }
}

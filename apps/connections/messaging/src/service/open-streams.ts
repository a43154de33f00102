/** The streams that deliver messages, all of a service, and how they end when it stops. */
import type { Call } from '@connections/grpc';
import { failure } from '@connections/runtime/errors';
import { WakeUp } from './wake-up.ts';

type Drain = (graceMs: number) => void;

/** What a stream needs of its call: how it is ended from outside, and how it is ended while its handler cannot run. */
export type StreamCall = Pick<Call, 'signal' | 'abort'>;

export interface OpenStream extends Disposable {
  /** Called when the service stops, at once when it does already. */
  onDrain(drain: Drain): void;
}

export class OpenStreams {
  readonly #open = new Map<OpenStream, Drain | undefined>();
  readonly #closed = new WakeUp();
  #graceMs: number | undefined;

  /** Disposed of by its owner when it has ended. Throws UNAVAILABLE while the service stops. */
  open(): OpenStream {
    if (this.#graceMs !== undefined) throw failure('SHUTTING_DOWN', {});
    const stream: OpenStream = {
      onDrain: (drain) => {
        this.#open.set(stream, drain);
        if (this.#graceMs !== undefined) drain(this.#graceMs);
      },
      [Symbol.dispose]: () => {
        this.#open.delete(stream);
        this.#closed.call();
      },
    };
    this.#open.set(stream, undefined);
    return stream;
  }

  /** Tells every stream, refuses new ones, and resolves when all have ended; nothing here makes them. */
  async drain(graceMs: number): Promise<void> {
    this.#graceMs = graceMs;
    for (const drain of this.#open.values()) drain?.(graceMs);
    while (this.#open.size > 0) await this.#closed.sleep();
  }
}

/** Answers a call with the responses that its handler yields. */
import { AsyncResource } from 'node:async_hooks';
import type { Exchange, ResponseSource } from './exchange.ts';
import type { ServedMethod } from './served-method.ts';

/** @param requests of a bidi stream */
export async function answerStream(
  exchange: Exchange,
  served: ServedMethod,
  requests: unknown,
): Promise<void> {
  exchange.handlerBegins();
  try {
    await served.around(exchange.context, () => {
      const responses = served.invoke(exchange, requests) as AsyncIterable<unknown>;
      return new ResponsePump(exchange, served, responses[Symbol.asyncIterator]()).run();
    });
    exchange.succeed();
  } catch (error) {
    exchange.fail(error);
  }
  exchange.handlerEnds();
}

/** Some hundred microseconds' worth of small ones: a reader with a wide window would keep everybody else waiting for all of it. */
const messagesOfTurn = 128;

/**
 * Asks for a message when the transport has taken the one before. It holds no message while it waits, and neither closures nor
 * promises: thousands of streams may stand still. The iterator runs in the asynchronous context of its call, not in that of the
 * transport, which may be another call's.
 */
class ResponsePump extends AsyncResource implements ResponseSource {
  readonly #exchange: Exchange;
  readonly #served: ServedMethod;
  readonly #iterator: AsyncIterator<unknown>;
  #settled = false;
  #taken = 0;
  #resolve = nothing;
  #reject: (error: unknown) => void = nothing;

  constructor(exchange: Exchange, served: ServedMethod, iterator: AsyncIterator<unknown>) {
    super('ResponsePump');
    this.#exchange = exchange;
    this.#served = served;
    this.#iterator = iterator;
  }

  /** Settles when the iterator has come to its end, its `finally` blocks included. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#exchange.answerFrom(this);
      this.taken();
    });
  }

  /** Messages that are taken at once are given one after the other in one turn of the event loop, but only so many. */
  taken(): void {
    if (++this.#taken % messagesOfTurn === 0) setImmediate(advance, this);
    else this.advance();
  }

  advance(): void {
    void this.runInAsyncScope(this.#advance, this);
  }

  aborted(reason: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    void this.runInAsyncScope(this.#leave, this, reason);
  }

  async #advance(): Promise<void> {
    if (this.#settled) return;
    try {
      const step = await this.#iterator.next();
      if (this.#settled) return;
      if (step.done) {
        this.#settled = true;
        this.#resolve();
      } else this.#exchange.send(this.#served.encode(step.value));
    } catch (error) {
      this.aborted(error);
    }
  }

  async #leave(reason: unknown): Promise<void> {
    try {
      await this.#iterator.return?.();
    } catch {
      // What a `finally` block throws is less than what ended the stream.
    }
    this.#reject(reason);
  }
}

function advance(pump: ResponsePump): void {
  pump.advance();
}

function nothing(): void {}

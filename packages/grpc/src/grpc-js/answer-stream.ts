/** Answers a call with the responses that its handler yields. */
import { AsyncResource } from 'node:async_hooks';
import type { ServedMethod } from './served-method.ts';
import type { ServerExchange } from './server-exchange.ts';

export async function answerStream(
  exchange: ServerExchange,
  served: ServedMethod,
  input: unknown,
): Promise<void> {
  exchange.handlerBegins();
  try {
    await served.around(exchange.context, async () => {
      const responses = served.invoke(input, exchange.context) as AsyncIterable<unknown>;
      await new ResponsePump(exchange, served, responses[Symbol.asyncIterator]()).run();
    });
    exchange.succeed();
  } catch (error) {
    exchange.fail(error);
  }
  exchange.handlerEnds();
}

/**
 * Asks for a message when the transport has taken the one before. Callbacks hold no message while they wait. The iterator
 * runs in the asynchronous context of its call, not in that of the transport's callback, which may be another call's.
 */
class ResponsePump {
  readonly #context = new AsyncResource('ResponsePump');
  readonly #exchange: ServerExchange;
  readonly #served: ServedMethod;
  readonly #iterator: AsyncIterator<unknown>;
  #settled = false;
  #resolve = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(exchange: ServerExchange, served: ServedMethod, iterator: AsyncIterator<unknown>) {
    this.#exchange = exchange;
    this.#served = served;
    this.#iterator = iterator;
  }

  /** Settles when the iterator has come to its end, its `finally` blocks included. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#exchange.onAbort(this.#fail);
      this.#pull();
    });
  }

  readonly #pull = (): void => {
    if (this.#settled) return;
    try {
      this.#context.runInAsyncScope(this.#next).then(this.#push, this.#fail);
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #next = () => this.#iterator.next();

  readonly #push = (step: IteratorResult<unknown>): void => {
    if (this.#settled) return;
    if (step.done) {
      this.#settled = true;
      this.#resolve();
      return;
    }
    try {
      this.#exchange.send(this.#served.encode(step.value), this.#pull);
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #fail = (error: unknown): void => {
    if (this.#settled) return;
    this.#settled = true;
    const end = () => this.#reject(error);
    // What a `finally` block throws is less than what ended the stream.
    new Promise((resolve) => resolve(this.#context.runInAsyncScope(this.#return))).then(end, end);
  };

  readonly #return = () => this.#iterator.return?.();
}

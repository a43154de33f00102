/** Answers a call with the responses that its handler yields. */
import type { Encode, Invocation } from './serve-method.ts';
import type { ServerExchange } from './server-exchange.ts';

export async function answerStream(
  exchange: ServerExchange,
  { around, encode, invoke }: Invocation,
): Promise<void> {
  exchange.handlerBegins();
  try {
    await around(exchange.context, () => {
      const responses = invoke() as AsyncIterable<unknown>;
      return new ResponsePump(exchange, encode, responses[Symbol.asyncIterator]()).run();
    });
    exchange.succeed();
  } catch (error) {
    exchange.fail(error);
  }
  exchange.handlerEnds();
}

/** Asks for a message when the transport has taken the one before. Callbacks hold no message while they wait. */
class ResponsePump {
  readonly #exchange: ServerExchange;
  readonly #encode: Encode;
  readonly #iterator: AsyncIterator<unknown>;
  #settled = false;
  #resolve = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(exchange: ServerExchange, encode: Encode, iterator: AsyncIterator<unknown>) {
    this.#exchange = exchange;
    this.#encode = encode;
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
    if (!this.#settled) this.#iterator.next().then(this.#push, this.#fail);
  };

  readonly #push = (step: IteratorResult<unknown>): void => {
    if (this.#settled) return;
    if (step.done) {
      this.#settled = true;
      this.#resolve();
      return;
    }
    try {
      this.#exchange.send(this.#encode(step.value), this.#pull);
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #fail = (error: unknown): void => {
    if (this.#settled) return;
    this.#settled = true;
    const end = () => this.#reject(error);
    // What a `finally` block throws is less than what ended the stream.
    Promise.resolve(this.#iterator.return?.()).then(end, end);
  };
}

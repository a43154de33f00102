/** Answers a call with the responses that its handler yields. */
import type { Encode, Invocation } from './serve-method.ts';
import type { ServerExchange } from './server-exchange.ts';

export async function answerStream(
  exchange: ServerExchange,
  { around, encode, invoke }: Invocation,
): Promise<void> {
  exchange.handlerBegins();
  try {
    await around(exchange.context, () => sendAll(exchange, encode, invoke() as AsyncIterable<unknown>));
    exchange.succeed();
  } catch (error) {
    exchange.fail(error);
  }
  exchange.handlerEnds();
}

/** Asks for a message when the transport has taken the one before. Settles when the iterator has come to its end. */
async function sendAll(
  exchange: ServerExchange,
  encode: Encode,
  responses: AsyncIterable<unknown>,
): Promise<void> {
  const iterator = responses[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await exchange.unlessAborted(iterator.next());
      if (step.done) return;
      await exchange.send(encode(step.value));
    }
  } catch (error) {
    await finish(iterator);
    throw error;
  }
}

/** Runs the iterator's `finally` blocks. What they throw is less than what ended the stream. */
async function finish(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {}
}

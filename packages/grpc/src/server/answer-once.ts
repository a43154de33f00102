/** Answers a call with the one response of its handler. */
import { internal } from '../transport-failures.ts';
import type { Exchange } from './exchange.ts';
import type { ServedMethod } from './served-method.ts';

/**
 * The response leaves when the interceptors are done with the call, so that they can still refuse it or set trailers.
 * @param requests of a client stream
 */
export async function answerOnce(exchange: Exchange, served: ServedMethod, requests: unknown): Promise<void> {
  const { context } = exchange;
  exchange.handlerBegins();
  let bytes: Uint8Array | undefined;
  try {
    await served.around(context, async () => {
      bytes = served.encode(await served.invoke(exchange, requests));
      // Nobody gets the answer any more: the interceptors are told what the client was.
      context.throwIfEnded();
    });
    if (!bytes) throw internal('the interceptors ended the call without a response');
    exchange.answer(bytes);
  } catch (error) {
    exchange.fail(error);
  }
  exchange.handlerEnds();
}

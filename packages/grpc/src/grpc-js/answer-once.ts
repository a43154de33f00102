/** Answers a call with the one response of its handler. */
import { internal } from '../transport-failures.ts';
import type { ServedMethod } from './served-method.ts';
import type { ServerExchange } from './server-exchange.ts';

/** The response leaves when the interceptors are done with the call, so that they can still refuse it or set trailers. */
export async function answerOnce(
  exchange: ServerExchange,
  served: ServedMethod,
  input: unknown,
): Promise<void> {
  const { context } = exchange;
  exchange.handlerBegins();
  let bytes: Uint8Array | undefined;
  try {
    await served.around(context, async () => {
      bytes = served.encode(await served.invoke(input, context));
      // Nobody gets the answer any more: the interceptors are told what the client was.
      if (context.abortReason) throw context.abortReason;
    });
    if (!bytes) throw internal('the interceptors ended the call without a response');
    exchange.answer(bytes);
  } catch (error) {
    exchange.fail(error);
  }
  exchange.handlerEnds();
}

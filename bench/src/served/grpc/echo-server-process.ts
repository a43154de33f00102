/** The echo service on a transport, and nothing around its calls. */
import type { ServerTls } from '@connections/grpc';
import { answerParent } from '../../child/answer-parent.ts';
import { echoHandlers, echoService } from './echo-service.ts';
import { serverOn, type TransportName } from './transport.ts';

export interface EchoServerOrder {
  readonly transport: TransportName;
  readonly tls?: ServerTls;
}

/** Answers with the address it listens on. */
answerParent<EchoServerOrder, string>(async ({ transport, tls }) => {
  const server = serverOn(transport, tls && { tls });
  server.add(echoService, echoHandlers);
  return `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
});

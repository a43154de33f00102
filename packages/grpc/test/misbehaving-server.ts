/** A server by node:http2 that does to each call what a test says, and what no gRPC server should. */
import { once } from 'node:events';
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

export type Behaviour = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, socket: Socket) => void;

export interface MisbehavingServer extends AsyncDisposable {
  readonly port: number;
  readonly server: Http2Server;
  /** Oldest first, those that are closed included. */
  readonly sessions: readonly ServerHttp2Session[];
}

export async function misbehave(
  behaviour: Behaviour,
  { port = 0, ...options }: ServerOptions & { readonly port?: number } = {},
): Promise<MisbehavingServer> {
  const server = createServer(options);
  const sessions: ServerHttp2Session[] = [];
  const sockets: Socket[] = [];
  // The session is made in the same event.
  server.on('connection', (socket) => sockets.push(socket));
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
    session.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      const socket = sockets[sessions.indexOf(session)];
      if (socket) behaviour(stream, headers, socket);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    sessions,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers properly with these messages, as they stand on the wire. */
export function answerWith(...framed: readonly Buffer[]): Behaviour {
  return (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    for (const bytes of framed) stream.write(bytes);
    stream.end();
    stream.resume();
  };
}

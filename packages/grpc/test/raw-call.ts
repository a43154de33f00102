/** gRPC calls by bare HTTP/2, for what a well-behaved client would not send or would read. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type Settings,
} from 'node:http2';

export function connectRaw(port: number, settings: Settings = {}): ClientHttp2Session & Disposable {
  const session = connect(`http://127.0.0.1:${port}`, { settings });
  // A server that stops by force resets connections, which is what some tests are about.
  session.on('error', () => {});
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() });
}

/** A message as it stands on the wire, uncompressed. */
export function frame(message: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** The call's stream, paused: its response is not read, so that its flow-control window stays shut. */
export function openRaw(
  session: ClientHttp2Session,
  path: string,
  headers: Record<string, string> = {},
): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  return stream.pause() as ClientHttp2Stream;
}

/** Reads the call to its end and resolves with the header block that has its status. */
export function statusOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const settle = (headers: IncomingHttpHeaders) => {
      if (headers['grpc-status'] !== undefined) resolve(headers);
    };
    stream.on('response', settle);
    stream.on('trailers', settle);
    stream.on('close', () => reject(new Error(`closed without a status, code ${stream.rstCode}`)));
    stream.resume();
  });
}

/** Servers and clients of bare HTTP/2 whose streams keep what they were told. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { connectConnection } from '../src/http2/connection/client-connection.ts';
import type {
  ConnectionOptions,
  ServerConnectionOptions,
} from '../src/http2/connection/connection-options.ts';
import type { ClientConnection, ServerConnection } from '../src/http2/connection/connection-roles.ts';
import { acceptConnection } from '../src/http2/connection/server-connection.ts';
import type { ConnectionError } from '../src/http2/error-code.ts';
import type { HeaderBlock, HeaderFields } from '../src/http2/header-fields.ts';
import type { Http2Stream, StreamFailure, StreamOwner } from '../src/http2/stream/stream-owner.ts';
import { StillClock } from './still-clock.ts';

export const noBytes = Buffer.alloc(0);

function nothing(): void {}

export const okHead: HeaderFields = [{ name: ':status', value: '200' }];
export const okTrailers: HeaderFields = [{ name: 'grpc-status', value: '0' }];
export const postHead: HeaderFields = [
  { name: ':method', value: 'POST' },
  { name: ':scheme', value: 'http' },
  { name: ':path', value: '/notes/Add' },
  { name: ':authority', value: 'localhost' },
];

/** Keeps what it was told, and gives bytes back as it is told to. */
export class Recorder implements StreamOwner {
  stream: Http2Stream | undefined;
  head: HeaderBlock | undefined;
  /** In the order in which they came. */
  readonly told: string[] = [];
  readonly pieces: Buffer[] = [];
  failure: StreamFailure | undefined;
  closings = 0;
  releases = true;
  onEnd = (_recorder: Recorder): void => {};
  onTaken = nothing;

  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }

  headers(block: HeaderBlock, endStream: boolean): void {
    this.head = block;
    this.told.push(endStream ? 'headers, end' : 'headers');
  }

  data(buffer: Uint8Array, start: number, end: number, endStream: boolean): void {
    this.pieces.push(Buffer.from(buffer.subarray(start, end)));
    this.told.push(endStream ? `data ${end - start}, end` : `data ${end - start}`);
    if (this.releases) this.stream?.release(end - start);
    if (endStream) this.onEnd(this);
  }

  trailers(block: HeaderBlock): void {
    this.told.push(`trailers ${block.fields.map(({ name }) => name).join(' ')}`);
    this.onEnd(this);
  }

  taken(): void {
    this.onTaken();
  }

  closed(failure: StreamFailure | undefined): void {
    this.failure = failure;
    this.closings++;
    this.told.push(failure ? `closed ${failure.code} by ${failure.by}` : 'closed');
  }

  /** A whole response. */
  answer(body: Uint8Array = noBytes): void {
    this.stream?.sendHeaders(okHead, undefined, false);
    if (body.length > 0) this.stream?.sendData(noBytes, body, false);
    this.stream?.sendTrailers(okTrailers, undefined);
  }
}

export class Http2World implements AsyncDisposable {
  readonly clock = new StillClock();
  readonly connections: ServerConnection[] = [];
  readonly streams: Recorder[] = [];
  /** What connections were ended for, as they closed. */
  readonly closed: (ConnectionError | undefined)[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  /** `onStream` sees each stream before its request has gone on. */
  constructor(
    options: Partial<ServerConnectionOptions>,
    onStream: (recorder: Recorder, endStream: boolean) => void,
  ) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const connection = acceptConnection(
        socket,
        { clock: this.clock, ...options },
        {
          stream: (stream, head, endStream) => {
            const recorder = new Recorder();
            recorder.stream = stream;
            recorder.head = head;
            this.streams.push(recorder);
            onStream(recorder, endStream);
            return recorder;
          },
          closed: (error) => this.closed.push(error),
        },
      );
      this.connections.push(connection);
    });
  }

  static async start(
    options: Partial<ServerConnectionOptions> = {},
    onStream: (recorder: Recorder, endStream: boolean) => void = nothing,
  ): Promise<Http2World> {
    const world = new Http2World(options, onStream);
    await new Promise<void>((resolve) => world.#server.listen(0, '127.0.0.1', resolve));
    return world;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connection(): ServerConnection {
    return this.connections[0] as ServerConnection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** An answer to every request when it has ended: its own bytes. */
export function echo(recorder: Recorder, endStream: boolean): void {
  recorder.onEnd = () => recorder.answer(recorder.bytes);
  if (endStream) recorder.answer();
}

export interface Http2Client {
  readonly connection: ClientConnection;
  readonly events: string[];
  open(endStream?: boolean): Recorder;
}

export function clientOn(socket: Socket, options: Partial<ConnectionOptions> = {}): Http2Client {
  const events: string[] = [];
  const connection = connectConnection(
    socket,
    { clock: new StillClock(), ...options },
    {
      ready: () => events.push('ready'),
      roomAgain: () => events.push('room again'),
      draining: (code, text) => events.push(text === '' ? `draining ${code}` : `draining ${code}: ${text}`),
      closed: (error) => events.push(error ? `closed: ${error.message}` : 'closed'),
    },
  );
  return {
    connection,
    events,
    open: (endStream = false) => {
      const recorder = new Recorder();
      recorder.stream = connection.open(recorder, postHead, undefined, endStream);
      return recorder;
    },
  };
}

/** A gRPC client connection that costs little: it frames HTTP/2 itself and decodes no headers. */
import { connect, type Socket } from 'node:net';
import {
  flags,
  frame,
  frameHeaderBytes,
  frameTypes,
  initialWindowBytes,
  preface,
  type RequestHead,
  requestHeaders,
  windowUpdate,
} from './http2-frames.ts';
import { framed } from './load-target.ts';

export interface RawConnectionEvents {
  /** A call was answered with status OK. */
  onAnswer(): void;
  /** A piece of a response message came. */
  onData?(): void;
  /** A call failed, or the connection did. */
  onFailure(error: Error): void;
}

/** A window that is not worth counting: it is filled up again each time a quarter of it was used. */
const windowBytes = 2 ** 30;

export class RawConnection implements Disposable {
  readonly #socket: Socket;
  readonly #headers: Buffer;
  readonly #events: RawConnectionEvents;
  #nextStream = 1;
  #rest: Buffer = Buffer.alloc(0);
  #usedBytes = 0;
  /** The trailers of the first answer, whose meaning a checked call has shown. Others must be the same bytes. */
  #trailers: Buffer | undefined;
  #ended = false;

  constructor(address: string, call: RequestHead, events: RawConnectionEvents) {
    const { hostname, port } = new URL(`http://${address}`);
    this.#headers = requestHeaders(address, call);
    this.#events = events;
    this.#socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes) => this.#receive(bytes));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
    this.#socket.write(Buffer.concat([preface(), windowUpdate(windowBytes - initialWindowBytes)]));
  }

  /** `open` leaves the request stream open. */
  call(message: Uint8Array, open = false): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    // What is written in one turn leaves in one write.
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    this.#socket.write(frame(frameTypes.headers, flags.endHeaders, stream, this.#headers));
    this.#socket.write(frame(frameTypes.data, open ? 0 : flags.endStream, stream, framed(message)));
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    const input = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (input.length - at >= frameHeaderBytes) {
      const end = at + frameHeaderBytes + input.readUIntBE(at, 3);
      if (input.length < end) break;
      this.#take(input[at + 3] ?? 0, input[at + 4] ?? 0, input.subarray(at + frameHeaderBytes, end));
      at = end;
    }
    this.#rest = input.subarray(at);
  }

  #take(type: number, flag: number, payload: Buffer): void {
    if (type === frameTypes.data) {
      this.#use(payload.length);
      this.#events.onData?.();
    } else if (type === frameTypes.headers && flag & flags.endStream) this.#end(payload);
    else if (type === frameTypes.settings && !(flag & flags.ack)) {
      this.#socket.write(frame(frameTypes.settings, flags.ack, 0));
    } else if (type === frameTypes.ping && !(flag & flags.ack)) {
      this.#socket.write(frame(frameTypes.ping, flags.ack, 0, payload));
    } else if (type === frameTypes.rstStream || type === frameTypes.goaway) {
      this.#fail(new Error(`the server sent a frame of type ${type}: ${payload.toString('hex')}`));
    }
  }

  #use(bytes: number): void {
    this.#usedBytes += bytes;
    if (this.#usedBytes < windowBytes / 4) return;
    this.#socket.write(windowUpdate(this.#usedBytes));
    this.#usedBytes = 0;
  }

  #end(trailers: Buffer): void {
    this.#trailers ??= Buffer.from(trailers);
    if (this.#trailers.equals(trailers)) this.#events.onAnswer();
    else
      this.#fail(new Error(`a call ended with another status than the first: ${trailers.toString('hex')}`));
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this[Symbol.dispose]();
    this.#events.onFailure(error);
  }
}

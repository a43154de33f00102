/** One end of HTTP/2 made of bare frames, for what no client or server would send. It obeys nothing and answers nothing. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type ErrorCodeName, errorCodeName, errorCodes } from '../src/http2/error-code.ts';
import type { HeaderField } from '../src/http2/header-fields.ts';
import { HpackDecoder } from '../src/http2/hpack/hpack-decoder.ts';

export const rawTypes = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export type RawType = keyof typeof rawTypes;

export const rawFlags = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 } as const;

export const rawPreface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export function rawFrame(
  type: RawType | number,
  flags: number,
  streamId: number,
  payload: Buffer = Buffer.alloc(0),
) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = typeof type === 'number' ? type : rawTypes[type];
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function rawSettings(entries: readonly (readonly [id: number, value: number])[] = []): Buffer {
  const payload = Buffer.alloc(entries.length * 6);
  for (const [index, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return rawFrame('SETTINGS', 0, 0, payload);
}

export function rawHeaders(streamId: number, fields: readonly RawField[], flags = 0): Buffer {
  return rawFrame('HEADERS', rawFlags.END_HEADERS | flags, streamId, rawBlock(fields));
}

export function rawData(streamId: number, bytes: Buffer | string | number, flags = 0): Buffer {
  return rawFrame(
    'DATA',
    flags,
    streamId,
    typeof bytes === 'number' ? Buffer.alloc(bytes) : Buffer.from(bytes),
  );
}

export function rawReset(streamId: number, code: ErrorCodeName = 'CANCEL'): Buffer {
  return rawFrame('RST_STREAM', 0, streamId, word(errorCodes[code]));
}

export function rawWindowUpdate(streamId: number, increment: number): Buffer {
  return rawFrame('WINDOW_UPDATE', 0, streamId, word(increment));
}

export function rawPing(payload: Buffer = Buffer.from('eight...'), flags = 0): Buffer {
  return rawFrame('PING', flags, 0, payload);
}

export function rawGoAway(lastStreamId: number, code: ErrorCodeName = 'NO_ERROR', text = ''): Buffer {
  return rawFrame(
    'GOAWAY',
    0,
    0,
    Buffer.concat([word(lastStreamId), word(errorCodes[code]), Buffer.from(text)]),
  );
}

export type RawField = readonly [name: string, value: string];

/** Literals that are not indexed and not Huffman-coded. */
export function rawBlock(fields: readonly RawField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.of(0), ...rawString(name), ...rawString(value)]),
  );
}

export const rawRequest: readonly RawField[] = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/notes/Add'],
  [':authority', 'localhost'],
];

export class RawPeer implements Disposable {
  readonly socket: Socket;
  readonly received: RawFrame[] = [];
  closed = false;
  readonly #decoder = new HpackDecoder({ maxListBytes: 65_536 });
  #bytes: Buffer = Buffer.alloc(0);
  #seen = 0;
  #arrived = () => {};
  #skip: number;
  #settingsAcks = 0;

  /** `prefaceBytes`: what comes before the first frame, 24 from a client. */
  constructor(socket: Socket, prefaceBytes = 0) {
    this.socket = socket;
    this.#skip = prefaceBytes;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('close', () => {
      this.closed = true;
      this.#arrived();
    });
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawPeer(socket);
  }

  /** A client that has exchanged SETTINGS with the server. */
  static async client(
    port: number,
    entries: readonly (readonly [id: number, value: number])[] = [],
  ): Promise<RawPeer> {
    const peer = await RawPeer.connect(port);
    peer.send(rawPreface, rawSettings(entries), rawFrame('SETTINGS', rawFlags.ACK, 0));
    await peer.next('SETTINGS', ({ flags }) => flags === rawFlags.ACK);
    return peer;
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** The first frame of the type that no call has returned or passed over. Fails when the connection closes before. */
  async next(type: RawType, which: (frame: RawFrame) => boolean = () => true): Promise<RawFrame> {
    const frame = await this.#waitFor(() => {
      while (this.#seen < this.received.length) {
        const candidate = this.received[this.#seen++] as RawFrame;
        if (candidate.type === rawTypes[type] && which(candidate)) return candidate;
      }
      if (this.closed) assert.fail(`closed without ${type}; came: ${this.summary()}`);
      return undefined;
    }, type);
    return frame;
  }

  /** Resolves when the other end has read and answered everything that was sent. */
  async sync(): Promise<void> {
    const before = this.#settingsAcks;
    this.send(rawSettings());
    await this.#waitFor(() => {
      if (this.closed) assert.fail(`closed; came: ${this.summary()}`);
      return this.#settingsAcks > before || undefined;
    }, 'an acknowledgement');
  }

  /** The code of the RST_STREAM that comes for the stream. */
  async resetOf(streamId: number): Promise<ErrorCodeName> {
    const { payload } = await this.next('RST_STREAM', (frame) => frame.streamId === streamId);
    return errorCodeName(payload.readUInt32BE());
  }

  /** GOAWAY and the end of the connection. */
  async ended(): Promise<{ code: ErrorCodeName; lastStreamId: number; text: string }> {
    const { payload } = await this.next('GOAWAY');
    this.socket.end();
    await this.#waitFor(() => this.closed || undefined, 'the end');
    return {
      code: errorCodeName(payload.readUInt32BE(4)),
      lastStreamId: payload.readUInt32BE(),
      text: payload.toString('latin1', 8),
    };
  }

  async whenClosed(): Promise<void> {
    await this.#waitFor(() => this.closed || undefined, 'the end');
  }

  /** Every block has to be given, in order. */
  decode(frame: RawFrame): HeaderField[] {
    const { fields } = this.#decoder.decode(frame.payload, 0, frame.payload.length);
    return [...fields];
  }

  framesOf(type: RawType, streamId?: number): RawFrame[] {
    return this.received.filter(
      (frame) => frame.type === rawTypes[type] && (streamId === undefined || frame.streamId === streamId),
    );
  }

  /** The bytes of DATA that have come for the stream. */
  dataOf(streamId: number): Buffer {
    return Buffer.concat(this.framesOf('DATA', streamId).map(({ payload }) => payload));
  }

  summary(): string {
    return this.received
      .slice(-20)
      .map(({ type, flags, streamId, payload }) => `${type}/${flags}/${streamId}[${payload.length}]`)
      .join(' ');
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #read(chunk: Buffer): void {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(skipped)]);
    while (this.#bytes.length >= 9) {
      const length = this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < 9 + length) break;
      const [type, flags] = [this.#bytes.readUInt8(3), this.#bytes.readUInt8(4)];
      const payload = Buffer.from(this.#bytes.subarray(9, 9 + length));
      this.received.push({ type, flags, streamId: this.#bytes.readUInt32BE(5) & 0x7fffffff, payload });
      if (type === rawTypes.SETTINGS && flags === rawFlags.ACK) this.#settingsAcks++;
      this.#bytes = this.#bytes.subarray(9 + length);
    }
    this.#arrived();
  }

  async #waitFor<T>(look: () => T | undefined, what: string, deadlineMs = 5_000): Promise<T> {
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      deadline = setTimeout(
        () => reject(new Error(`no ${what} within ${deadlineMs} ms; came: ${this.summary()}`)),
        deadlineMs,
      );
    });
    try {
      for (;;) {
        const arrived = new Promise<void>((resolve) => {
          this.#arrived = resolve;
        });
        const found = look();
        if (found !== undefined) return found;
        await Promise.race([arrived, late]);
      }
    } finally {
      clearTimeout(deadline);
    }
  }
}

function rawString(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return [Buffer.of(bytes.length), bytes];
  const prefix = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>>= 7) prefix.push((rest & 127) | 128);
  return [Buffer.from([...prefix, rest]), bytes];
}

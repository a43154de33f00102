/** The few HTTP/2 frames (RFC 9113) that a gRPC client sends and must understand. */

export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  rstStream: 0x3,
  settings: 0x4,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
} as const;

export const flags = { ack: 0x1, endStream: 0x1, endHeaders: 0x4 } as const;

export const frameHeaderBytes = 9;

/** Also what a connection starts with, on both sides. */
export const initialWindowBytes = 65_535;

export function frame(
  type: number,
  flag: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(),
): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flag;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}

/** Enlarges the window of the whole connection. */
export function windowUpdate(bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame(frameTypes.windowUpdate, 0, 0, payload);
}

/** The preface of a client that keeps no table of headers, so that equal header blocks are equal bytes. */
export function preface(): Buffer {
  const headerTableSize = Buffer.from([0, 1, 0, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(frameTypes.settings, 0, 0, headerTableSize),
  ]);
}

export interface RequestHead {
  readonly path: string;
  /** @default none */
  readonly timeout?: string;
}

/** The header block of a gRPC call in HPACK (RFC 7541): indexed from the static table, or literal and never indexed. */
export function requestHeaders(authority: string, { path, timeout }: RequestHead): Buffer {
  return Buffer.concat([
    Buffer.from([0x83, 0x86]), // :method POST, :scheme http
    literal(Buffer.from([0x04]), path),
    literal(Buffer.from([0x01]), authority),
    literal(Buffer.from([0x0f, 0x10]), 'application/grpc'), // content-type
    named('te', 'trailers'),
    ...(timeout === undefined ? [] : [named('grpc-timeout', timeout)]),
  ]);
}

function named(name: string, value: string): Buffer {
  return literal(Buffer.concat([Buffer.from([0x00]), text(name)]), value);
}

function literal(name: Uint8Array, value: string): Buffer {
  return Buffer.concat([name, text(value)]);
}

/** Short text only: its length is one byte. */
function text(value: string): Buffer {
  if (value.length > 126) throw new RangeError(`${value} is too long for this client`);
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

/** The same bytes as grpc-js wants them and as codecs do, without a copy. */

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Plain bytes, because a Buffer's own `slice` and `toString` differ from what holders of a Uint8Array expect. */
export function asBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

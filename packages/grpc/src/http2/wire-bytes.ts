/** Big-endian integers and runs of bytes, read and written in place. Positions are the caller's to check. */

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function readUint24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
}

/** Of 32 bits without the first, which is reserved. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) & 0x7f) << 24) | readUint24(bytes, at + 1);
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) * 0x1_00_00_00 + readUint24(bytes, at + 1);
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Below this a loop is faster than a call into the engine, which would need a view besides. */
const loopBytes = 64;

export function copyBytes(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  if (end - start <= loopBytes) {
    for (let from = start, to = at; from < end; from++, to++) target[to] = source[from] as number;
  } else {
    target.set(start === 0 && end === source.length ? source : source.subarray(start, end), at);
  }
}

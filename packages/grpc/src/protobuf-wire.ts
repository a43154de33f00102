/** The protobuf wire format, as little of it as the google.rpc error details need. */

/** A field as it was read: a number for varints, bytes for whatever carries its length; fixed-width fields are skipped. */
export interface WireField {
  readonly number: number;
  readonly value: number | Uint8Array;
}

const varintType = 0;
const fixed64Type = 1;
const lengthType = 2;
const fixed32Type = 5;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class WireWriter {
  readonly #bytes: number[] = [];

  /** Leaves out zero, as proto3 does. */
  varint(field: number, value: number): this {
    if (value === 0) return this;
    this.#varint(field * 8 + varintType);
    this.#varint(value);
    return this;
  }

  /** Leaves out empty text, as proto3 does. */
  text(field: number, text: string): this {
    return text === '' ? this : this.bytes(field, utf8.encode(text));
  }

  bytes(field: number, bytes: Uint8Array): this {
    this.#varint(field * 8 + lengthType);
    this.#varint(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** By division, because shifts see only 32 bits; exact up to 2^53. */
  #varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#bytes.push((rest % 0x80) + 0x80);
    this.#bytes.push(rest);
  }
}

/** The fields of a message in the order they stand there. Throws when the bytes are no message. */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0;

  const varint = (): number => {
    let value = 0;
    for (let scale = 1, length = 1; length <= 10; scale *= 0x80, length++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('a varint is cut short');
      value += (byte % 0x80) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a varint is too long');
  };

  const skip = (length: number): number => {
    const start = at;
    at += length;
    if (at > bytes.length) throw new RangeError('a field is cut short');
    return start;
  };

  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === varintType) yield { number, value: varint() };
    else if (type === lengthType) {
      const start = skip(varint());
      yield { number, value: bytes.subarray(start, at) };
    } else if (type === fixed64Type) skip(8);
    else if (type === fixed32Type) skip(4);
    else throw new RangeError(`wire type ${type} is not one that proto3 writes`);
  }
}

/** Throws when the value is no text: a number, or bytes that are not UTF-8. */
export function asText(value: WireField['value']): string {
  return strictUtf8.decode(asBytes(value));
}

export function asBytes(value: WireField['value']): Uint8Array {
  if (typeof value === 'number') throw new TypeError('a number stands where bytes are due');
  return value;
}

export function asNumber(value: WireField['value']): number {
  if (typeof value !== 'number') throw new TypeError('bytes stand where a number is due');
  return value;
}

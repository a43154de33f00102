/** Decodes the header blocks of one connection (RFC 7541). */
import { ConnectionError } from '../error-code.ts';
import type { HeaderBlock, HeaderField } from '../header-fields.ts';
import { ByteCache } from './byte-cache.ts';
import { DecoderTable } from './decoder-table.ts';
import { decodedBytes, readHuffman } from './huffman-decoder.ts';
import { defaultTableBytes, fieldBytes, staticCount, staticFields } from './static-table.ts';

export interface HpackDecoderOptions {
  /** Largest list of fields, each counted with 32 bytes more. What is above is decoded, for the table, and dropped. */
  readonly maxListBytes: number;
}

/** The smallest change of a table's size and the last one (RFC 7541, section 4.2). */
const mostTableUpdates = 2;
/** Continuation octets of an integer: values below 2^28 and some, far above any size that is allowed. */
const mostContinuations = 4;

const noBytes = Buffer.alloc(0);
/** Where Huffman-coded strings are decoded to. Shared by all, for none keeps anything in it. */
let decodedText = Buffer.allocUnsafeSlow(1_024);

/** Blocks have to be given whole and in the order of the wire, those of refused streams too. */
export class HpackDecoder {
  readonly #maxListBytes: number;
  readonly #table = new DecoderTable();
  /** Emptied when the table changes. */
  readonly #blocks = new ByteCache<HeaderBlock>();
  readonly #strings = new ByteCache<string>();
  /** Set by a block that has changed the table. */
  #changed = false;
  #buffer: Uint8Array = noBytes;
  #at = 0;
  #end = 0;

  constructor(options: HpackDecoderOptions) {
    this.#maxListBytes = options.maxListBytes;
  }

  /** Keeps nothing of `buffer`. Throws COMPRESSION_ERROR; the connection is over then, for the table is lost. */
  decode(buffer: Uint8Array, start: number, end: number): HeaderBlock {
    const known = this.#blocks.find(buffer, start, end);
    if (known) return known;
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
    this.#changed = false;
    this.#tableUpdates();
    const block = this.#block();
    this.#buffer = noBytes;
    if (this.#changed) this.#blocks.clear();
    else this.#blocks.offer(buffer, start, end, block);
    return block;
  }

  #block(): HeaderBlock {
    const fields: HeaderField[] = [];
    let listBytes = 0;
    let truncated = false;
    while (this.#at < this.#end) {
      const field = this.#field();
      listBytes += fieldBytes(field.name, field.value);
      truncated ||= listBytes > this.#maxListBytes;
      if (!truncated) fields.push(field);
    }
    return { fields, listBytes, truncated, checked: undefined, memo: undefined };
  }

  #tableUpdates(): void {
    for (let updates = 0; this.#at < this.#end; updates++) {
      const octet = this.#buffer[this.#at] as number;
      if ((octet & 0xe0) !== 0x20) return;
      if (updates === mostTableUpdates) fail('the size of the table is changed too often');
      const capacity = this.#integer(octet, 0x1f);
      if (capacity > defaultTableBytes) fail('the table is made larger than allowed');
      this.#table.resize(capacity);
      this.#changed = true;
    }
  }

  #field(): HeaderField {
    const octet = this.#buffer[this.#at] as number;
    if (octet >= 0x80) return this.#indexed(this.#integer(octet, 0x7f));
    if (octet >= 0x40) {
      const field = this.#literal(this.#integer(octet, 0x3f), false);
      this.#table.add(field);
      this.#changed = true;
      return field;
    }
    if (octet >= 0x20) fail('the size of the table is changed within a block');
    return this.#literal(this.#integer(octet, 0x0f), octet >= 0x10);
  }

  #indexed(index: number): HeaderField {
    const field = index <= staticCount ? staticFields[index] : this.#table.field(index - staticCount - 1);
    if (index === 0 || field === undefined) fail('an index is in no table');
    return field;
  }

  #literal(nameIndex: number, sensitive: boolean): HeaderField {
    const name = nameIndex === 0 ? this.#string() : this.#indexed(nameIndex).name;
    return { name, value: this.#string(), sensitive };
  }

  #string(): string {
    if (this.#at >= this.#end) fail('a block is cut short');
    const buffer = this.#buffer;
    const prefix = this.#at;
    const octet = buffer[prefix] as number;
    const length = this.#integer(octet, 0x7f);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) fail('a block is cut short');
    this.#at = end;
    // The prefix says whether the rest is Huffman-coded, and is part of the key for that.
    const known = this.#strings.find(buffer, prefix, end);
    if (known !== undefined) return known;
    const text = octet < 0x80 ? latin1(buffer, start, end) : this.#decoded(start, end);
    this.#strings.offer(buffer, prefix, end, text);
    return text;
  }

  #decoded(start: number, end: number): string {
    const room = decodedBytes(end - start);
    if (room > decodedText.length) decodedText = Buffer.allocUnsafeSlow(room * 2);
    return latin1(decodedText, 0, readHuffman(this.#buffer, start, end, decodedText));
  }

  /** Section 5.1: `octet` is at the current position, `mask` its bits that belong to the integer. */
  #integer(octet: number, mask: number): number {
    this.#at++;
    let value = octet & mask;
    if (value < mask) return value;
    for (let continuations = 0; continuations < mostContinuations; continuations++) {
      if (this.#at >= this.#end) fail('a block is cut short');
      const next = this.#buffer[this.#at++] as number;
      value += (next & 0x7f) << (7 * continuations);
      if (next < 0x80) return value;
    }
    fail('an integer is too large');
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(bytes, start, end);
}

function fail(message: string): never {
  throw new ConnectionError('COMPRESSION_ERROR', message);
}

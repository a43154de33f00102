/** Encodes the header blocks of one connection (RFC 7541). */

import type { HeaderField, HeaderFields } from '../header-fields.ts';
import { copyBytes } from '../wire-bytes.ts';
import { EncoderTable } from './encoder-table.ts';
import { huffmanBytes, writeHuffman } from './huffman-code.ts';
import { defaultTableBytes, staticIndex, staticNames } from './static-table.ts';

/** Shared lists are few and made once; whoever makes one for each block only loses what is remembered. */
const mostRemembered = 256;
/** Of an integer with any prefix. */
const mostIntegerBytes = 6;

/** First octet of a field and the bits of it that an index may take (RFC 7541, section 6). */
const indexed = 0x80;
const indexedMask = 0x7f;
const indexing = 0x40;
const indexingMask = 0x3f;
const tableUpdate = 0x20;
const tableUpdateMask = 0x1f;
const neverIndexed = 0x10;
const withoutIndexing = 0x00;
const literalMask = 0x0f;
const huffmanCoded = 0x80;
const lengthMask = 0x7f;

export class HpackEncoder {
  readonly #table = new EncoderTable();
  /** Bytes of shared lists while the table stays as it is. */
  readonly #remembered = new Map<HeaderFields, Uint8Array>();
  #last: HeaderFields | undefined;
  #lastBytes: Uint8Array | undefined;
  /** The smallest size of the table since the last block, when there is something to tell. */
  #lowestToTell: number | undefined;

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. No more than the default is ever used. */
  setPeerTableBytes(bytes: number): void {
    const capacity = Math.min(bytes, defaultTableBytes);
    if (capacity === this.#table.capacity) return;
    let lowest = Math.min(capacity, this.#lowestToTell ?? this.#table.capacity);
    if (this.#table.bytes > lowest) {
      // A size of 0 empties the peer's table too.
      lowest = 0;
      this.#table.clear();
      this.#forget();
    }
    this.#table.resize(capacity);
    this.#lowestToTell = lowest;
  }

  /**
   * No less than `encode` will write for the same lists, which has to follow. Throws RangeError when a name or value holds a
   * character that is no octet.
   */
  maxBytes(shared: HeaderFields, own: HeaderFields | undefined): number {
    const known = this.#find(shared);
    return (
      (known === undefined ? mostBytes(shared) : known.length) +
      (own === undefined ? 0 : mostBytes(own)) +
      (this.#lowestToTell === undefined ? 0 : 2 * mostIntegerBytes)
    );
  }

  /** Writes to `target` from `start` and returns the end. `shared` may enter the table, `own` never does. */
  encode(shared: HeaderFields, own: HeaderFields | undefined, target: Uint8Array, start: number): number {
    let at = this.#lowestToTell === undefined ? start : this.#writeTableUpdates(target, start);
    const known = this.#find(shared);
    if (known === undefined) {
      at = this.#writeShared(shared, target, at);
    } else {
      copyBytes(known, 0, known.length, target, at);
      at += known.length;
    }
    if (own !== undefined) {
      for (const field of own) at = this.#writeOwn(field, target, at);
    }
    return at;
  }

  #writeOwn(field: HeaderField, target: Uint8Array, at: number): number {
    if (field.sensitive === true) return this.#writeLiteral(field, neverIndexed, literalMask, target, at);
    const index = staticIndex(field.name, field.value);
    return index > 0
      ? writeInteger(indexed, indexedMask, index, target, at)
      : this.#writeLiteral(field, withoutIndexing, literalMask, target, at);
  }

  #find(shared: HeaderFields): Uint8Array | undefined {
    if (shared !== this.#last) {
      this.#last = shared;
      this.#lastBytes = this.#remembered.get(shared);
    }
    return this.#lastBytes;
  }

  #forget(): void {
    this.#remembered.clear();
    this.#last = undefined;
    this.#lastBytes = undefined;
  }

  #writeShared(shared: HeaderFields, target: Uint8Array, start: number): number {
    let at = start;
    let changed = false;
    for (const field of shared) {
      const index = field.sensitive === true ? 0 : this.#index(field);
      if (index > 0) {
        at = writeInteger(indexed, indexedMask, index, target, at);
      } else if (field.sensitive === true) {
        at = this.#writeLiteral(field, neverIndexed, literalMask, target, at);
      } else if (this.#table.hasRoom(field)) {
        at = this.#writeLiteral(field, indexing, indexingMask, target, at);
        this.#table.add(field);
        changed = true;
      } else {
        at = this.#writeLiteral(field, withoutIndexing, literalMask, target, at);
      }
    }
    if (changed) this.#forget();
    else this.#remember(shared, target, start, at);
    return at;
  }

  #remember(shared: HeaderFields, target: Uint8Array, start: number, end: number): void {
    if (this.#remembered.size === mostRemembered) this.#forget();
    const bytes = new Uint8Array(target.subarray(start, end));
    this.#remembered.set(shared, bytes);
    this.#last = shared;
    this.#lastBytes = bytes;
  }

  #index(field: HeaderField): number {
    return staticIndex(field.name, field.value) || this.#table.index(field.name, field.value);
  }

  #writeTableUpdates(target: Uint8Array, start: number): number {
    const { capacity } = this.#table;
    let at = start;
    if (this.#lowestToTell !== undefined && this.#lowestToTell < capacity) {
      at = writeInteger(tableUpdate, tableUpdateMask, this.#lowestToTell, target, at);
    }
    this.#lowestToTell = undefined;
    return writeInteger(tableUpdate, tableUpdateMask, capacity, target, at);
  }

  #writeLiteral(field: HeaderField, form: number, mask: number, target: Uint8Array, start: number): number {
    const { name } = field;
    const nameIndex = staticNames.get(name) ?? this.#table.nameIndex(name);
    let at = writeInteger(form, mask, nameIndex, target, start);
    if (nameIndex === 0) at = writeString(name, target, at);
    return writeString(field.value, target, at);
  }
}

function writeInteger(form: number, mask: number, value: number, target: Uint8Array, start: number): number {
  let at = start;
  if (value < mask) {
    target[at++] = form | value;
    return at;
  }
  target[at++] = form | mask;
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) target[at++] = rest | 0x80;
  target[at++] = rest;
  return at;
}

function writeString(text: string, target: Uint8Array, start: number): number {
  const encodedBytes = huffmanBytes(text);
  if (encodedBytes < text.length) {
    return writeHuffman(text, target, writeInteger(huffmanCoded, lengthMask, encodedBytes, target, start));
  }
  const at = writeInteger(0, lengthMask, text.length, target, start);
  for (let index = 0; index < text.length; index++) target[at + index] = text.charCodeAt(index);
  return at + text.length;
}

function mostBytes(fields: HeaderFields): number {
  let bytes = 0;
  for (const { name, value } of fields) {
    if (!holdsOctets(name) || !holdsOctets(value)) {
      throw new RangeError('a header field holds a character that is no octet');
    }
    bytes += 3 * mostIntegerBytes + name.length + value.length;
  }
  return bytes;
}

function holdsOctets(text: string): boolean {
  let all = 0;
  for (let at = 0; at < text.length; at++) all |= text.charCodeAt(at);
  return all <= 0xff;
}

/** Frames that are mostly right and now and then wrong, as a client or a server might send them. */
import { gzipSync } from 'node:zlib';
import { errorCodes } from '../../src/http2/error-code.ts';
import {
  type RawField,
  rawBlock,
  rawFlags,
  rawFrame,
  rawPreface,
  rawSettings,
  word,
} from '../raw-http2-peer.ts';
import type { Chance } from './fuzz-chance.ts';

export type Sender = 'client' | 'server';

const windows = [0, 1, 5, 1_000, 65_535, 100_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const frameSizes = [0, 16_383, 16_384, 20_000, 2 ** 24 - 1, 2 ** 24];
const texts = ['', 'plain', 'throw', 'break', 'late', 'wait', 'large', 'head', 'trailers', 'abort'];
const paths = ['Get', 'List', 'Collect', 'Echo'].map((name) => `/test.Notes/${name}`);
const settingNumbers = [1, 2, 3, 4, 5, 6, 7, 0, 0xffff];

/** What a peer may say: a beginning, then frames of any kind for the streams that there may be. */
export function generatedFrames(chance: Chance, sender: Sender): Buffer[] {
  const grammar = new FrameGrammar(chance, sender);
  const frames = chance.is(0.97) ? grammar.beginning() : [];
  const count = 1 + chance.below(chance.of([5, 20, 60]));
  for (let i = 0; i < count; i++) frames.push(...grammar.next());
  if (chance.is(0.005)) frames.push(...grammar.flood());
  return frames;
}

export class FrameGrammar {
  readonly #chance: Chance;
  readonly #sender: Sender;
  #lastId = -1;

  constructor(chance: Chance, sender: Sender) {
    this.#chance = chance;
    this.#sender = sender;
  }

  beginning(): Buffer[] {
    const frames = [
      this.#chance.is(0.7) ? rawSettings() : this.#settings(),
      rawFrame('SETTINGS', rawFlags.ACK, 0),
    ];
    return this.#sender === 'client' ? [rawPreface, ...frames] : frames;
  }

  next(): Buffer[] {
    const kind = this.#chance.next();
    if (kind < 0.3) return this.#sender === 'client' ? this.#request() : this.#response();
    if (kind < 0.55) return this.#data();
    if (kind < 0.7) return [rawFrame('WINDOW_UPDATE', 0, this.#id(0.4), word(this.#increment()))];
    if (kind < 0.78) return [rawFrame('RST_STREAM', 0, this.#id(0.02), word(this.#code()))];
    if (kind < 0.84) return [this.#settings()];
    if (kind < 0.89) return [rawFrame('PING', this.#chance.of([0, 1]), 0, Buffer.alloc(8))];
    if (kind < 0.91) return [this.#goAway()];
    if (kind < 0.94) return this.#unread();
    if (kind < 0.97) return this.#room();
    if (kind < 0.975) return [rawFrame('PRIORITY', 0, this.#id(0.1), this.#chance.bytes(5))];
    return [this.#anything()];
  }

  /** One frame again and again, more often than any peer may. */
  flood(): Buffer[] {
    const [frame = rawSettings()] = this.next();
    return Array.from({ length: 12_000 }, () => frame);
  }

  /** For all that the streams may have to send. */
  #room(): Buffer[] {
    const frames = [rawFrame('WINDOW_UPDATE', 0, 0, word(1_000_000))];
    for (let i = 0; i < 4; i++) {
      frames.push(rawFrame('WINDOW_UPDATE', 0, this.#id(0), word(1 + this.#chance.below(200_000))));
    }
    return frames;
  }

  /** More than is read, and then no more of it. */
  #unread(): Buffer[] {
    const frames = [...this.#request(), ...this.#data(), ...this.#data(), ...this.#data()];
    return [...frames, rawFrame('RST_STREAM', 0, this.#id(0), word(this.#code()))];
  }

  #request(): Buffer[] {
    if (this.#chance.is(0.05)) return this.#headers(this.#id(0), [['x-trailer', 't']], this.#chance.is(0.9));
    const id = this.#chance.is(0.9) ? this.#newId() : this.#id(0.05);
    const fields: RawField[] = [
      [':method', this.#rarely('GET', 'POST')],
      [':scheme', 'http'],
      [':path', this.#rarely('/no/such', this.#chance.of(paths))],
      [':authority', 'localhost'],
      ['content-type', this.#rarely('text/html', 'application/grpc')],
      ['te', this.#rarely('gzip', 'trailers')],
    ];
    if (this.#chance.is(0.3))
      fields.push(['grpc-timeout', this.#chance.of(['0n', '5m', '1S', '99999999H', 'x'])]);
    if (this.#chance.is(0.2)) fields.push(['grpc-encoding', this.#rarely('br', 'gzip')]);
    if (this.#chance.is(0.3)) fields.push(['grpc-accept-encoding', 'gzip, identity']);
    return this.#headers(id, [...fields, ...this.#oddFields()], this.#chance.is(0.2));
  }

  #response(): Buffer[] {
    const kind = this.#chance.next();
    const id = this.#id(0.03);
    if (kind < 0.1) return this.#headers(id, [[':status', this.#chance.of(['100', '103', '101'])]], false);
    const status: RawField[] = [
      ['grpc-status', this.#chance.of(['0', '0', '5', '16', '99', 'x', ''])],
      ['grpc-message', this.#chance.of(['', 'as %20 it', '%', '%zz'])],
    ];
    const head: RawField[] = [
      [':status', this.#rarely('404', '200')],
      ['content-type', this.#rarely('text/html', 'application/grpc')],
    ];
    if (this.#chance.is(0.2)) head.push(['grpc-encoding', this.#rarely('br', 'gzip')]);
    if (kind < 0.5) return this.#headers(id, [...head, ...this.#oddFields()], false);
    if (kind < 0.65) return this.#headers(id, [...head, ...status, ...this.#oddFields()], true);
    return this.#headers(id, [...status, ...this.#oddFields()], this.#chance.is(0.95));
  }

  #oddFields(): RawField[] {
    if (this.#chance.is(0.85)) return [];
    return [
      this.#chance.of<RawField>([
        ['x-large', 'l'.repeat(this.#chance.of([100, 4_000, 20_000]))],
        ['Upper', 'case'],
        [':late', 'pseudo'],
        ['connection', 'close'],
        ['content-length', this.#chance.of(['5', 'x', '99'])],
        ['x-line', 'a\nb'],
        ['bytes-bin', this.#chance.of(['AAEC', '!', 'AAECAw==,BA'])],
        ['grpc-status-details-bin', this.#chance.of(['CAUSAW4', '!!', ''])],
      ]),
    ];
  }

  /** Padded, with a priority and in pieces, or not. */
  #headers(id: number, fields: readonly RawField[], endStream: boolean): Buffer[] {
    const chance = this.#chance;
    let block = rawBlock(fields);
    // A field that enters the table, and a reference into it that may lead nowhere.
    if (chance.is(0.2)) block[0] = 0x40;
    if (chance.is(0.1)) block = Buffer.concat([block, Buffer.of(0x80 | chance.of([1, 2, 62, 63, 127]))]);
    let flags = endStream ? rawFlags.END_STREAM : 0;
    const cuts = chance.is(0.1) ? 1 + chance.below(3) : 0;
    const pieces: Buffer[] = [];
    for (let i = cuts; i > 0; i--) {
      const at = chance.below(block.length + 1);
      pieces.push(block.subarray(0, at));
      block = block.subarray(at);
    }
    pieces.push(block);
    let first = pieces[0] as Buffer;
    if (chance.is(0.1)) {
      flags |= rawFlags.PRIORITY;
      first = Buffer.concat([chance.bytes(5), first]);
    }
    if (chance.is(0.1)) {
      flags |= rawFlags.PADDED;
      const padding = chance.below(20);
      first = Buffer.concat([Buffer.of(padding), first, Buffer.alloc(padding)]);
    }
    return pieces.map((piece, index) => {
      const end = index === cuts ? rawFlags.END_HEADERS : 0;
      return index === 0
        ? rawFrame('HEADERS', flags | end, id, first)
        : rawFrame('CONTINUATION', end, id, piece);
    });
  }

  /** A message, whole or in pieces, or what is none. */
  #data(): Buffer[] {
    const chance = this.#chance;
    const id = this.#id(0.02);
    let bytes = chance.is(0.85) ? this.#message() : chance.bytes(chance.below(40));
    if (chance.is(0.2)) bytes = Buffer.concat([bytes, this.#message()]);
    const frames: Buffer[] = [];
    while (bytes.length > 16_384 || (bytes.length > 1 && chance.is(0.2))) {
      const at = Math.min(1 + chance.below(bytes.length - 1), 16_384);
      frames.push(rawFrame('DATA', 0, id, bytes.subarray(0, at)));
      bytes = bytes.subarray(at);
    }
    let flags = chance.is(0.3) ? rawFlags.END_STREAM : 0;
    if (chance.is(0.1)) {
      flags |= rawFlags.PADDED;
      const padding = chance.below(256);
      bytes = Buffer.concat([Buffer.of(padding), bytes, Buffer.alloc(padding)]);
    }
    return [...frames, rawFrame('DATA', flags, id, bytes)];
  }

  #message(): Buffer {
    const chance = this.#chance;
    const text = Buffer.from(chance.of(texts));
    const blob = Buffer.alloc(chance.is(0.9) ? chance.below(30) : chance.of([16_384, 40_000, 70_000]));
    let bytes: Buffer = Buffer.concat([word(text.length), text, blob]);
    const compressed = chance.is(0.1);
    if (compressed) bytes = chance.is(0.8) ? gzipSync(bytes, { level: 1 }) : chance.bytes(20);
    const length = chance.is(0.97) ? bytes.length : chance.of([0, 1, 2 ** 31, 2 ** 32 - 1]);
    return Buffer.concat([Buffer.of(compressed ? 1 : this.#rarely(7, 0)), word(length), bytes]);
  }

  #settings(): Buffer {
    const chance = this.#chance;
    if (chance.is(0.2)) return rawFrame('SETTINGS', rawFlags.ACK, 0);
    return rawSettings(
      Array.from({ length: chance.below(4) }, () => {
        const id = chance.of(settingNumbers);
        if (id === 4) return [id, chance.is(0.9) ? chance.of(windows.slice(0, 7)) : chance.of(windows)];
        if (id === 5) return [id, chance.is(0.8) ? 16_384 + chance.below(9_000) : chance.of(frameSizes)];
        return [id, chance.of([0, 1, 2, 100, 4_096, 65_536])];
      }),
    );
  }

  #goAway(): Buffer {
    const debug = Buffer.from(this.#chance.of(['', 'enough', '\u00ff']));
    return rawFrame(
      'GOAWAY',
      0,
      0,
      Buffer.concat([word(this.#chance.of([0, 1, 5, 2 ** 31 - 1])), word(this.#code()), debug]),
    );
  }

  /** Of any type, with a length that may be a lie. */
  #anything(): Buffer {
    const chance = this.#chance;
    if (chance.is(0.1)) return chance.bytes(chance.below(40));
    const frame = rawFrame(
      chance.is(0.7) ? chance.below(10) : chance.below(256),
      chance.below(256),
      this.#id(0.3),
      chance.bytes(chance.below(20)),
    );
    if (chance.is(0.1)) frame.writeUIntBE(chance.of([0, 8, 100, 16_384, 16_385, 2 ** 24 - 1]), 0, 3);
    return frame;
  }

  #newId(): number {
    this.#lastId += 2;
    return this.#lastId;
  }

  /** Of a stream that is, was or may be open; the connection's own with this probability. */
  #id(ofConnection: number): number {
    const chance = this.#chance;
    if (chance.is(ofConnection)) return 0;
    if (chance.is(0.03)) return chance.of([2, 4, 1_001, 2 ** 31 - 1]);
    if (this.#sender === 'server') return 1 + 2 * chance.below(8);
    const recent = chance.is(0.7) ? 0 : 2 * chance.below(6);
    return Math.max(this.#lastId - recent, 1);
  }

  #increment(): number {
    return this.#chance.is(0.8) ? 1 + this.#chance.below(50_000) : this.#chance.of(windows);
  }

  #code(): number {
    return this.#chance.is(0.9) ? this.#chance.of(Object.values(errorCodes)) : 77;
  }

  #rarely<T>(odd: T, usual: T): T {
    return this.#chance.is(0.04) ? odd : usual;
  }
}

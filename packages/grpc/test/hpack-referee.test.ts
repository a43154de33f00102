/** Header blocks against node:http2: what either writes, the other reads the same. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameReader } from '../src/http2/frames/frame-reader.ts';
import { FrameWriter } from '../src/http2/frames/frame-writer.ts';
import { OutputBuffer } from '../src/http2/frames/output-buffer.ts';
import type { HeaderField, HeaderFields } from '../src/http2/header-fields.ts';
import { HpackDecoder } from '../src/http2/hpack/hpack-decoder.ts';
import { HpackEncoder } from '../src/http2/hpack/hpack-encoder.ts';
import { FrameRecorder } from './frame-recorder.ts';

type Pairs = (readonly [name: string, value: string])[];

const settingsTableSize = 1;
const settingsMaxFrameSize = 5;

/** A client of frames alone, one request at a time. */
class BareClient {
  readonly encoder = new HpackEncoder();
  readonly #output = new OutputBuffer();
  readonly #writer = new FrameWriter(this.#output, this.encoder);
  readonly #decoder = new HpackDecoder({ maxListBytes: 100_000 });
  readonly #socket: net.Socket;
  #streamId = -1;
  #pieces: Buffer[] = [];
  #answered: (pairs: Pairs) => void = () => {};

  constructor(port: number) {
    this.#socket = net.connect(port, '127.0.0.1');
    const sink = new FrameRecorder();
    sink.headers = (_id, buffer, start, end, endHeaders) => this.#block(buffer, start, end, endHeaders);
    sink.continuation = (_id, buffer, start, end, endHeaders) => this.#block(buffer, start, end, endHeaders);
    sink.settings = (entries) => {
      const settings = new Map(entries);
      const tableBytes = settings.get(settingsTableSize);
      if (tableBytes !== undefined) this.encoder.setPeerTableBytes(tableBytes);
      this.#writer.maxFrameBytes = settings.get(settingsMaxFrameSize) ?? this.#writer.maxFrameBytes;
      this.#writer.settingsAck();
      this.#output.flushTo(this.#socket);
    };
    const reader = new FrameReader(sink);
    this.#socket.on('data', (chunk: Buffer) => reader.read(chunk));
    this.#writer.preface();
    this.#writer.settings([]);
  }

  /** Resolves with the fields of the answer. */
  request(shared: HeaderFields, own: HeaderFields): Promise<Pairs> {
    const answer = new Promise<Pairs>((resolve, reject) => {
      this.#answered = resolve;
      this.#socket.once('close', () => reject(new Error('the connection was closed')));
    });
    this.#streamId += 2;
    this.#writer.headers(this.#streamId, shared, own, true);
    this.#output.flushTo(this.#socket);
    return answer;
  }

  /** How large the server's encoder may make its table from now on, which it is not asked to acknowledge before. */
  tableBytes(bytes: number): void {
    this.#writer.settings([[settingsTableSize, bytes]]);
  }

  close(): void {
    this.#socket.destroy();
  }

  #block(buffer: Uint8Array, start: number, end: number, endHeaders: boolean): void {
    this.#pieces.push(Buffer.from(buffer.subarray(start, end)));
    if (!endHeaders) return;
    const block = Buffer.concat(this.#pieces.splice(0));
    const { fields } = this.#decoder.decode(block, 0, block.length);
    this.#answered(fields.map(({ name, value }) => [name, value]));
  }
}

const head: HeaderField[] = [
  { name: ':method', value: 'POST' },
  { name: ':scheme', value: 'http' },
  { name: ':authority', value: 'localhost' },
];
const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789-'];
const name = fc
  .oneof(fc.constantFrom('a', 'b'), fc.string({ unit: fc.constantFrom(...letters), maxLength: 20 }))
  .map((text) => `x-${text}`);
/** Inner spaces only: what stands around a value is not part of it. */
const value = fc
  .oneof(
    fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
    fc.string({ unit: 'grapheme-ascii', minLength: 300, maxLength: 900 }),
  )
  .map((text) => text.trim());
const field = fc.record({ name, value, sensitive: fc.boolean() });
const list = fc.array(field, { maxLength: 4 });
const exchange = fc.record({ shared: fc.nat(2), own: list, answer: list });
const tableBytes = fc.constantFrom(0, 100, 1_000, 4_096, 20_000);

describe('header blocks between node:http2 and these', () => {
  /** Answers each request with the list that is set, and tells what it was asked. */
  async function serve(headerTableSize: number) {
    const told: Pairs[] = [];
    const server = http2.createServer({ settings: { headerTableSize } });
    const state = { answer: [] as HeaderField[], session: undefined as http2.Http2Session | undefined, told };
    server.on('session', (session) => {
      state.session = session;
    });
    const answer = (stream: http2.ServerHttp2Stream, _headers: unknown, _flags: number, raw: string[]) => {
      told.push(raw.flatMap((text, at) => (at % 2 === 0 ? [[text, raw[at + 1] ?? ''] as const] : [])));
      const grouped = new Map<string, string[]>();
      for (const { name, value } of state.answer) grouped.set(name, [...(grouped.get(name) ?? []), value]);
      const sensitive = state.answer.filter((entry) => entry.sensitive).map((entry) => entry.name);
      stream.respond(
        { ':status': 200, ...Object.fromEntries(grouped), [http2.sensitiveHeaders]: sensitive },
        { endStream: true, sendDate: false } as http2.ServerStreamResponseOptions,
      );
    };
    // The types do not tell of the fields as they came, in their order.
    server.on('stream', answer as (stream: http2.ServerHttp2Stream) => void);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { state, server, port: (server.address() as net.AddressInfo).port };
  }

  it('say the same, with tables of any size that change on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        tableBytes,
        fc.array(list, { minLength: 3, maxLength: 3 }),
        fc.array(fc.oneof({ weight: 5, arbitrary: exchange }, { weight: 1, arbitrary: tableBytes }), {
          maxLength: 25,
        }),
        async (first, lists, steps) => {
          const { state, server, port } = await serve(first);
          const client = new BareClient(port);
          try {
            const shared = lists.map((fields, at) => [
              ...head,
              { name: ':path', value: `/p${at}` },
              ...fields,
            ]);
            for (const step of steps) {
              if (typeof step === 'number') {
                state.session?.settings({ headerTableSize: step });
                client.tableBytes(Math.min(step, 4_096));
                continue;
              }
              state.answer = step.answer;
              const sent = shared[step.shared] ?? head;
              const answered = await client.request(sent, step.own);
              const asked = state.told.splice(0);
              assert.deepEqual(asked, [[...sent, ...step.own].map((entry) => [entry.name, entry.value])]);
              assert.deepEqual(
                sorted(answered),
                sorted([
                  [':status', '200'],
                  ...step.answer.map((entry) => [entry.name, entry.value] as const),
                ]),
              );
            }
          } finally {
            client.close();
            server.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Node sends the values of one name together. */
function sorted(pairs: Pairs): Pairs {
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

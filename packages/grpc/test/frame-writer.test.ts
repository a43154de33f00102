/** What a writer of frames writes, and how the output reaches the socket. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { FrameReader } from '../src/http2/frames/frame-reader.ts';
import { FrameWriter } from '../src/http2/frames/frame-writer.ts';
import { OutputBuffer } from '../src/http2/frames/output-buffer.ts';
import { clientPreface } from '../src/http2/frames/preface-reader.ts';
import { HpackDecoder } from '../src/http2/hpack/hpack-decoder.ts';
import { HpackEncoder } from '../src/http2/hpack/hpack-encoder.ts';
import { FrameRecorder } from './frame-recorder.ts';

/** Takes nothing before it is told to, and notes the pieces of each write of the system. */
class Socket extends Writable {
  readonly writes: Buffer[][] = [];
  go: () => void = () => {};

  constructor(highWaterMark = 1_000_000) {
    super({ highWaterMark });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push([chunk]);
    this.go = done;
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk));
    this.go = done;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes.flat());
  }
}

function open() {
  const output = new OutputBuffer();
  return { output, writer: new FrameWriter(output, new HpackEncoder()), socket: new Socket() };
}

function told(bytes: Uint8Array) {
  const recorder = new FrameRecorder();
  new FrameReader(recorder).read(bytes);
  return recorder.taken();
}

const none = new Uint8Array(0);

describe('a frame writer', () => {
  it('writes every frame as a reader takes it, in one write', () => {
    const { output, writer, socket } = open();
    writer.settings([
      [3, 1_000],
      [4, 0xff_ff_ff_ff],
    ]);
    writer.settingsAck();
    writer.windowUpdate(0, 0x7f_ff_ff_ff);
    writer.headers(1, [{ name: ':method', value: 'POST' }], undefined, false);
    writer.data(1, Buffer.of(0, 0), Buffer.from('abcd'), 1, 3, true);
    writer.headers(3, [], [{ name: ':status', value: '200' }], true);
    writer.data(3, none, none, 0, 0, false);
    writer.ping(Buffer.from([9, 1, 2, 3, 4, 5, 6, 7, 8]), 1, true);
    writer.rstStream(1, 'CANCEL');
    writer.goAway(0x7f_ff_ff_ff, 'ENHANCE_YOUR_CALM', 'ä');
    assert.equal(output.flushTo(socket), true);
    assert.equal(socket.writes.length, 1);
    assert.equal(socket.writes[0]?.length, 1);
    assert.deepEqual(told(socket.bytes), [
      ['settings', 3, 1_000, 4, 0xff_ff_ff_ff],
      ['settingsAck'],
      ['windowUpdate', 0, 0x7f_ff_ff_ff],
      ['headers', 1, '83', true, false],
      ['data', 1, '00006263', 4, true],
      ['headers', 3, '88', true, true],
      ['data', 3, '', 0, false],
      ['ping', '0102030405060708', true],
      ['rstStream', 1, 8],
      ['goAway', 0x7f_ff_ff_ff, 11, 'c3a4'],
    ]);
  });

  it('begins a client as a server expects it', () => {
    const { output, writer, socket } = open();
    writer.preface();
    output.flushTo(socket);
    assert.deepEqual(socket.bytes, clientPreface);
  });

  it('splits a block of headers by what the peer takes', () => {
    const { output, writer, socket } = open();
    const fields = [{ name: 'a', value: '\x00'.repeat(50_000) }];
    writer.headers(1, fields, undefined, true);
    writer.maxFrameBytes = 60_000;
    writer.headers(3, fields, undefined, false);
    output.flushTo(socket);
    const events: unknown[] = [];
    const blocks: Buffer[][] = [[], []];
    const sink = new FrameRecorder();
    sink.headers = (id, buffer, start, end, endHeaders, endStream) => {
      events.push(['headers', id, endHeaders, endStream]);
      blocks[id === 1 ? 0 : 1]?.push(Buffer.from(buffer.subarray(start, end)));
    };
    sink.continuation = (id, buffer, start, end, endHeaders) => {
      events.push(['continuation', id, endHeaders]);
      blocks[0]?.push(Buffer.from(buffer.subarray(start, end)));
    };
    new FrameReader(sink, { maxFrameBytes: 60_000 }).read(socket.bytes);
    assert.deepEqual(events, [
      ['headers', 1, false, true],
      ['continuation', 1, false],
      ['continuation', 1, false],
      ['continuation', 1, true],
      ['headers', 3, true, false],
    ]);
    const decoder = new HpackDecoder({ maxListBytes: 100_000 });
    for (const pieces of blocks) {
      const block = Buffer.concat(pieces);
      assert.equal(decoder.decode(block, 0, block.length).fields[0]?.value.length, 50_000);
    }
  });

  it('writes nothing of headers that it refuses', () => {
    const { output, writer } = open();
    assert.throws(() => writer.headers(1, [], [{ name: 'a', value: '\u010a' }], false), RangeError);
    assert.throws(() => writer.headers(1, [{ name: '\u010a', value: '' }], undefined, false), RangeError);
    assert.equal(output.pendingBytes, 0);
  });

  it('copies small payloads and hands large ones over as they are', () => {
    const { output, writer, socket } = open();
    const small = Buffer.alloc(8_191, 1);
    const large = Buffer.alloc(10_000, 2);
    writer.data(1, Buffer.of(5), small, 0, small.length, false);
    writer.data(3, Buffer.of(6), large, 100, 9_000, true);
    writer.settingsAck();
    small.fill(9);
    output.flushTo(socket);
    assert.ok(socket.writes.flat().some((piece) => piece.buffer === large.buffer && piece.length === 8_900));
    assert.deepEqual(told(socket.bytes), [
      ['data', 1, `05${'01'.repeat(8_191)}`, 8_192, false],
      ['data', 3, `06${'02'.repeat(8_900)}`, 8_901, true],
      ['settingsAck'],
    ]);
  });
});

describe('the output of a connection', () => {
  it('counts what was not handed over', () => {
    const { output, writer, socket } = open();
    writer.settingsAck();
    writer.data(1, none, Buffer.alloc(9_000), 0, 9_000, false);
    writer.settingsAck();
    assert.equal(output.pendingBytes, 9 + 9_009 + 9);
    output.flushTo(socket);
    assert.equal(output.pendingBytes, 0);
  });

  it('never writes where the socket still reads', () => {
    const { output, writer, socket } = open();
    const expected: Buffer[] = [];
    for (let turn = 0; turn < 500; turn++) {
      const payload = Buffer.alloc((turn * 37) % 700, turn);
      writer.data(2 * turn + 1, none, payload, 0, payload.length, false);
      output.flushTo(socket);
      expected.push(payload);
    }
    // Node has copied none: what it writes now is what lies there now.
    for (let written = -1; written < socket.writes.length; ) {
      written = socket.writes.length;
      socket.go();
    }
    assert.deepEqual(
      told(socket.bytes).map(([, , hex]) => hex),
      expected.map((payload) => payload.toString('hex')),
    );
  });

  it('holds little of a connection that has said much', () => {
    const { output, writer, socket } = open();
    for (let count = 0; count < 100; count++) writer.data(1, none, Buffer.alloc(1_000), 0, 1_000, false);
    output.flushTo(socket);
    assert.equal(output.bytes.length, 65_536);
    writer.settingsAck();
    output.flushTo(socket);
    writer.settingsAck();
    assert.equal(output.bytes.length, 1_024);
  });

  it('says when the socket has enough, until it has room again', async () => {
    const { output, writer } = open();
    const socket = new Socket(20);
    writer.settingsAck();
    assert.equal(output.flushTo(socket), true);
    writer.ping(Buffer.alloc(8), 0, false);
    assert.equal(output.flushTo(socket), false);
    assert.equal(output.flushTo(socket), false);
    const drained = new Promise((resolve) => socket.once('drain', resolve));
    socket.go();
    socket.go();
    await drained;
    assert.equal(output.flushTo(socket), true);
  });
});

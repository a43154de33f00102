/** What a reader of frames tells and refuses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError } from '../src/http2/error-code.ts';
import { FrameReader } from '../src/http2/frames/frame-reader.ts';
import { clientPreface, PrefaceReader } from '../src/http2/frames/preface-reader.ts';
import { type FrameEvent, FrameRecorder } from './frame-recorder.ts';
import { type RawFrame, rawFrame } from './raw-frame.ts';

const [data, headers, priority, rstStream, settings, pushPromise, ping, goAway, windowUpdate, continuation] =
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const reserved = 0x80_00_00_00;
const word = [0, 0, 0, 8];

function told(...frames: RawFrame[]): FrameEvent[] {
  const recorder = new FrameRecorder();
  new FrameReader(recorder).read(Buffer.concat(frames.map(rawFrame)));
  return recorder.taken();
}

describe('a frame reader', () => {
  const valid: [RawFrame, FrameEvent][] = [
    [{ type: data, streamId: 1, payload: [1, 2] }, ['data', 1, '0102', 2, false]],
    [{ type: data, flags: 1, streamId: 1 }, ['data', 1, '', 0, true]],
    [{ type: data, flags: 9, streamId: 3, payload: [2, 7, 0, 0] }, ['data', 3, '07', 4, true]],
    [{ type: data, flags: 8, streamId: 3, payload: [3, 0, 0, 0] }, ['data', 3, '', 4, false]],
    [{ type: data, flags: 8, streamId: 3, payload: [0] }, ['data', 3, '', 1, false]],
    [{ type: headers, flags: 4, streamId: 1, payload: [0x82] }, ['headers', 1, '82', true, false]],
    [
      { type: headers, flags: 0x2d, streamId: 1, payload: [1, 0x80, 0, 0, 3, 16, 0x82, 0] },
      ['headers', 1, '82', true, true],
    ],
    [{ type: priority, streamId: 1, payload: [0x80, 0, 0, 3, 16] }, ['priority', 1, 3]],
    [{ type: priority, streamId: 5, payload: [0, 0, 0, 3] }, ['streamError', 5, 'FRAME_SIZE_ERROR']],
    [{ type: rstStream, streamId: 1, payload: [0xff, 0, 0, 8] }, ['rstStream', 1, 0xff_00_00_08]],
    [
      { type: settings, payload: [0, 3, 0xff, 0xff, 0xff, 0xff, 0, 4, 0, 0, 0, 1] },
      ['settings', 3, 0xff_ff_ff_ff, 4, 1],
    ],
    [{ type: settings }, ['settings']],
    [{ type: settings, flags: 1 }, ['settingsAck']],
    [{ type: ping, payload: [1, 2, 3, 4, 5, 6, 7, 8] }, ['ping', '0102030405060708', false]],
    [{ type: ping, flags: 1, payload: [1, 2, 3, 4, 5, 6, 7, 8] }, ['ping', '0102030405060708', true]],
    [{ type: goAway, payload: [0x80, 0, 0, 7, ...word, 0x68, 0x69] }, ['goAway', 7, 8, '6869']],
    [{ type: windowUpdate, streamId: 1, payload: [0x80, 0, 0, 8] }, ['windowUpdate', 1, 8]],
    [{ type: windowUpdate, payload: [0, 0, 0, 0] }, ['windowUpdate', 0, 0]],
    [{ type: windowUpdate, streamId: reserved + 9, payload: word }, ['windowUpdate', 9, 8]],
    [{ type: 0xfe, flags: 0xff, streamId: 7, payload: [1] }, ['unknown', 0xfe, 7]],
  ];
  for (const [frame, event] of valid) {
    it(`tells ${JSON.stringify(frame)}, and what follows it, in one piece and in bytes`, () => {
      const after: RawFrame = { type: ping, flags: 1, payload: [0, 0, 0, 0, 0, 0, 0, 0] };
      const events = [event, ['ping', '0000000000000000', true]];
      assert.deepEqual(told(frame, after), events);
      const recorder = new FrameRecorder();
      const reader = new FrameReader(recorder);
      for (const byte of rawFrame(frame)) reader.read(Buffer.of(byte));
      assert.deepEqual(recorder.taken(), [event]);
      for (const byte of rawFrame(after)) reader.read(Buffer.of(byte));
      assert.deepEqual(recorder.taken(), events.slice(1));
    });
  }

  const wrong: [string, 'PROTOCOL_ERROR' | 'FRAME_SIZE_ERROR', RawFrame, ...RawFrame[]][] = [
    ['DATA on the connection', 'PROTOCOL_ERROR', { type: data, payload: [1] }],
    ['DATA without its pad length', 'FRAME_SIZE_ERROR', { type: data, flags: 8, streamId: 1 }],
    [
      'DATA with more padding than bytes',
      'PROTOCOL_ERROR',
      { type: data, flags: 8, streamId: 1, payload: [2, 0] },
    ],
    ['HEADERS on the connection', 'PROTOCOL_ERROR', { type: headers, flags: 4, payload: [0x82] }],
    ['HEADERS without their pad length', 'FRAME_SIZE_ERROR', { type: headers, flags: 0xc, streamId: 1 }],
    [
      'HEADERS without their priority',
      'FRAME_SIZE_ERROR',
      { type: headers, flags: 0x24, streamId: 1, payload: [0, 0, 0, 0] },
    ],
    [
      'HEADERS with padding over their priority',
      'PROTOCOL_ERROR',
      { type: headers, flags: 0x2c, streamId: 1, payload: [1, 0, 0, 0, 0, 0] },
    ],
    [
      'HEADERS with more padding than bytes',
      'PROTOCOL_ERROR',
      { type: headers, flags: 0xc, streamId: 1, payload: [1] },
    ],
    [
      'HEADERS of a stream that depends on itself',
      'PROTOCOL_ERROR',
      { type: headers, flags: 0x24, streamId: 1, payload: [0x80, 0, 0, 1, 0, 0x82] },
    ],
    ['PRIORITY on the connection', 'PROTOCOL_ERROR', { type: priority, payload: [0, 0, 0, 1, 0] }],
    ['RST_STREAM on the connection', 'PROTOCOL_ERROR', { type: rstStream, payload: word }],
    ['RST_STREAM of another size', 'FRAME_SIZE_ERROR', { type: rstStream, streamId: 1, payload: [0, 0, 0] }],
    ['SETTINGS on a stream', 'PROTOCOL_ERROR', { type: settings, streamId: 1 }],
    ['SETTINGS with a part of an entry', 'FRAME_SIZE_ERROR', { type: settings, payload: [0, 3, 0, 0, 0] }],
    ['SETTINGS that acknowledge and say more', 'FRAME_SIZE_ERROR', { type: settings, flags: 1, length: 6 }],
    [
      'PUSH_PROMISE',
      'PROTOCOL_ERROR',
      { type: pushPromise, flags: 4, streamId: 1, payload: [0, 0, 0, 2, 0x82] },
    ],
    ['PING on a stream', 'PROTOCOL_ERROR', { type: ping, streamId: 1, payload: [...word, ...word] }],
    ['PING of another size', 'FRAME_SIZE_ERROR', { type: ping, payload: word }],
    ['GOAWAY on a stream', 'PROTOCOL_ERROR', { type: goAway, streamId: 1, payload: [...word, ...word] }],
    ['GOAWAY cut short', 'FRAME_SIZE_ERROR', { type: goAway, payload: [...word, 0, 0, 0] }],
    ['WINDOW_UPDATE of another size', 'FRAME_SIZE_ERROR', { type: windowUpdate, payload: [0, 0, 0, 0, 8] }],
    ['a frame that is too large', 'FRAME_SIZE_ERROR', { type: 0xfe, length: 16_385 }],
    ['CONTINUATION of nothing', 'PROTOCOL_ERROR', { type: continuation, flags: 4, streamId: 1 }],
    [
      'a block of headers broken by DATA',
      'PROTOCOL_ERROR',
      { type: headers, streamId: 1, payload: [0x82] },
      { type: data, streamId: 1 },
    ],
    [
      'a block of headers broken by an unknown frame',
      'PROTOCOL_ERROR',
      { type: headers, streamId: 1, payload: [0x82] },
      { type: 0xfe },
    ],
    [
      'a block of headers that goes on for another stream',
      'PROTOCOL_ERROR',
      { type: headers, streamId: 1, payload: [0x82] },
      { type: continuation, flags: 4, streamId: 3 },
    ],
    [
      'CONTINUATION after the end of a block',
      'PROTOCOL_ERROR',
      { type: headers, streamId: 1, payload: [0x82] },
      { type: continuation, flags: 4, streamId: 1 },
      { type: continuation, flags: 4, streamId: 1 },
    ],
  ];
  for (const [what, code, ...frames] of wrong) {
    it(`refuses ${what} in one piece and in bytes`, () => {
      const refused = (error: unknown) => error instanceof ConnectionError && error.code === code;
      assert.throws(() => told(...frames), refused);
      const reader = new FrameReader(new FrameRecorder());
      assert.throws(() => {
        for (const byte of Buffer.concat(frames.map(rawFrame))) reader.read(Buffer.of(byte));
      }, refused);
    });
  }

  it('refuses a frame by its head, before a byte of what it carries', () => {
    const reader = new FrameReader(new FrameRecorder(), { maxFrameBytes: 20_000 });
    reader.read(rawFrame({ type: 0xfe, length: 20_000 }));
    const other = new FrameReader(new FrameRecorder(), { maxFrameBytes: 20_000 });
    assert.throws(() => other.read(rawFrame({ type: 0xfe, length: 20_001 })), /larger than announced/);
  });

  it('tells DATA as it arrives, on the bytes of the chunk, with the padding of the frame first', () => {
    const pieces: [Uint8Array, number, number, number, boolean][] = [];
    const recorder = new FrameRecorder();
    recorder.data = (_id, buffer, start, end, flowBytes, endStream) =>
      void pieces.push([buffer, start, end, flowBytes, endStream]);
    const reader = new FrameReader(recorder);
    const frame = rawFrame({ type: data, flags: 9, streamId: 1, payload: [2, 1, 2, 3, 4, 5, 0, 0] });
    const chunks = [
      frame.subarray(0, 10),
      frame.subarray(10, 12),
      frame.subarray(12, 16),
      frame.subarray(16),
    ];
    for (const chunk of chunks) reader.read(chunk);
    assert.deepEqual(
      pieces.map(([, ...rest]) => rest),
      [
        [0, 2, 5, false],
        [0, 3, 3, true],
      ],
    );
    assert.ok(pieces[0]?.[0] === chunks[1] && pieces[1]?.[0] === chunks[2]);
  });

  it('tells no more of a frame that has begun after it was stopped', () => {
    const recorder = new FrameRecorder();
    const reader = new FrameReader(recorder);
    const frame = rawFrame({ type: data, flags: 1, streamId: 1, payload: [1, 2, 3] });
    reader.read(frame.subarray(0, 10));
    reader.stop();
    reader.read(frame.subarray(10));
    assert.deepEqual(recorder.taken(), [['data', 1, '01', 1, false]]);
  });

  it('tells nothing after it was stopped, in the same chunk neither', () => {
    const recorder = new FrameRecorder();
    const reader = new FrameReader(recorder);
    recorder.settingsAck = () => reader.stop();
    const ack = rawFrame({ type: settings, flags: 1 });
    reader.read(Buffer.concat([ack, rawFrame({ type: 0xfe }), ack.subarray(0, 5)]));
    reader.read(rawFrame({ type: 0xfe }));
    assert.deepEqual(recorder.taken(), []);
  });
});

describe('a reader of the preface', () => {
  it('takes its bytes in any pieces and leaves what follows', () => {
    const reader = new PrefaceReader();
    for (const byte of clientPreface.subarray(0, 20)) assert.equal(reader.read(Buffer.of(byte)), 1);
    assert.equal(reader.done, false);
    assert.equal(reader.read(Buffer.concat([clientPreface.subarray(20), Buffer.of(0, 0)])), 4);
    assert.equal(reader.done, true);
    assert.equal(reader.read(Buffer.of(0)), 0);
  });

  it('refuses the first byte that is wrong', () => {
    const reader = new PrefaceReader();
    reader.read(Buffer.from('P'));
    assert.throws(
      () => reader.read(Buffer.from('O')),
      (error: unknown) => error instanceof ConnectionError && error.code === 'PROTOCOL_ERROR',
    );
  });
});

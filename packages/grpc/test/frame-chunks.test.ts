/** However frames are cut into chunks, a reader tells the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConnectionError } from '../src/http2/error-code.ts';
import { FrameReader } from '../src/http2/frames/frame-reader.ts';
import { type FrameEvent, FrameRecorder } from './frame-recorder.ts';
import { rawFrame } from './raw-frame.ts';

const maxFrameBytes = 16_384;
const streamId = fc.constantFrom(0, 1, 3, 0x80_00_00_01, 0x7f_ff_ff_ff);
const anyFrame = fc
  .record({
    type: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 0xff })),
    flags: fc.oneof(fc.constantFrom(0, 1, 4, 5, 8, 9, 0x2d), fc.integer({ min: 0, max: 0xff })),
    streamId,
    payload: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 4, maxLength: 8 })),
  })
  .map(rawFrame);
/** Mostly right, so that sequences become long. */
const rightFrame = fc
  .oneof(
    fc.record({
      type: fc.constant(0),
      flags: fc.constantFrom(0, 1),
      streamId: fc.constantFrom(1, 3),
      payload: fc.uint8Array({ maxLength: 300 }),
    }),
    fc.tuple(fc.nat(20), fc.nat(20), fc.boolean()).map(([count, padding, end]) => ({
      type: 0,
      flags: end ? 9 : 8,
      streamId: 5,
      payload: [padding, ...new Array(count).fill(7), ...new Array(padding).fill(0)],
    })),
    fc.record({
      type: fc.constant(1),
      flags: fc.constantFrom(4, 5),
      streamId: fc.constantFrom(1, 3),
      payload: fc.uint8Array({ maxLength: 50 }),
    }),
    fc.constant({ type: 4, payload: [0, 4, 0, 0, 0, 1] }),
    fc.constant({ type: 6, payload: [1, 2, 3, 4, 5, 6, 7, 8] }),
    fc.constant({ type: 7, payload: [0, 0, 0, 1, 0, 0, 0, 2, 3] }),
    fc.constant({ type: 8, streamId: 1, payload: [0, 0, 0, 1] }),
    fc.constant({ type: 2, streamId: 1, payload: [0, 0, 0] }),
    fc.record({ type: fc.constant(0xaa), payload: fc.uint8Array({ maxLength: 50 }) }),
  )
  .map(rawFrame);
const cuts = fc.array(fc.nat(2_000), { maxLength: 30 });

/** What was told until the end or the error, and the error. */
function told(chunks: readonly Uint8Array[]): FrameEvent[] {
  const recorder = new FrameRecorder();
  const reader = new FrameReader(recorder, { maxFrameBytes });
  try {
    for (const chunk of chunks) reader.read(chunk);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return [...recorder.taken(), ['error', error.code, error.message]];
  }
  return recorder.taken();
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const ends = [...new Set(at.map((position) => position % (bytes.length + 1))), bytes.length];
  ends.sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe('a sequence of frames', () => {
  it('is told the same in one chunk, in any chunks and in bytes', () => {
    fc.assert(
      fc.property(fc.array(rightFrame, { maxLength: 12 }), cuts, (frames, at) => {
        const bytes = Buffer.concat(frames);
        const whole = told([bytes]);
        assert.deepEqual(told(cut(bytes, at)), whole);
        assert.deepEqual(told(Array.from(bytes, (byte) => Buffer.of(byte))), whole);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused at the same place in any chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFrame, rightFrame), { maxLength: 8 }), cuts, (frames, at) => {
        const bytes = Buffer.concat(frames);
        assert.deepEqual(told(cut(bytes, at)), told([bytes]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('of any bytes ends in events or an error of the connection', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (bytes, at) => {
        assert.ok(Array.isArray(told(cut(bytes, at))));
      }),
      { numRuns: 1_000 },
    );
  });
});

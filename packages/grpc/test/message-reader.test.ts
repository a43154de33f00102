/** Messages out of pieces of any size, and what a peer can make the reader hold. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { messagePrefix } from '../src/protocol/message-prefix.ts';
import { MessageReader } from '../src/protocol/message-reader.ts';
import { isStatusError } from '../src/status-error.ts';
import { frame } from './raw-call.ts';

const limit = 1_000;

function refusal(status: string): (error: unknown) => boolean {
  return (error) => isStatusError(error) && error.status === status;
}

function take(reader: MessageReader): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let message = reader.next(); message; message = reader.next()) messages.push(message);
  return messages;
}

describe('the prefix of a message', () => {
  it('has the length as four bytes, the highest first', () => {
    assert.deepEqual([...messagePrefix(0x01020304, false)], [0, 1, 2, 3, 4]);
    assert.deepEqual([...messagePrefix(0xfffefdfc, true)], [1, 0xff, 0xfe, 0xfd, 0xfc]);
  });
});

describe('the reader of messages', () => {
  it('gives what was sent, however it was cut, and overwrites nothing that it gave', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });
    const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });
    // Which of the pieces find somebody who wants messages.
    const demands = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(messages, cuts, demands, (sent, lengths, wanted) => {
        const bytes = Buffer.concat(sent.map(frame));
        const reader = new MessageReader(limit);
        const received: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = lengths[turn % lengths.length] ?? 1;
          const padded = Buffer.concat([Buffer.alloc(3), bytes.subarray(at, at + length)]);
          reader.give(padded, 3, padded.length);
          at += length;
          for (let count = wanted[turn % wanted.length] ?? 0; count > 0; count--) {
            const message = reader.next();
            if (message) received.push(message);
          }
          reader.keep();
        }
        received.push(...take(reader));
        assert.deepEqual(received.map(Buffer.from), sent.map(Buffer.from));
        assert.equal(reader.heldBytes, 0);
      }),
    );
  });

  it('copies no message that is whole within its piece', () => {
    const piece = frame(Uint8Array.of(7, 8, 9));
    const reader = new MessageReader(limit);
    reader.give(piece, 0, piece.length);
    const message = reader.next();
    assert.equal(message?.buffer, piece.buffer);
    assert.deepEqual([...(message ?? [])], [7, 8, 9]);
  });

  it('holds no piece that it has kept the rest of', () => {
    const piece = frame(new Uint8Array(100)).subarray(0, 50);
    const reader = new MessageReader(limit);
    reader.give(piece, 0, piece.length);
    assert.equal(reader.next(), undefined);
    reader.keep();
    piece.fill(255);
    reader.give(new Uint8Array(55), 0, 55);
    assert.deepEqual(reader.next(), new Uint8Array(100));
  });

  it('refuses a message that is too large as soon as its length is known', () => {
    const reader = new MessageReader(limit);
    reader.give(messagePrefix(limit, false), 0, 5);
    assert.equal(reader.next(), undefined);
    const refusing = new MessageReader(limit);
    refusing.give(messagePrefix(limit + 1, false), 0, 5);
    assert.throws(() => refusing.next(), refusal('RESOURCE_EXHAUSTED'));
  });

  it('refuses a prefix that is not one', () => {
    const reader = new MessageReader(limit);
    reader.give(Uint8Array.of(2, 0, 0, 0, 0), 0, 5);
    assert.throws(() => reader.next(), refusal('INTERNAL'));
  });

  it('tells which messages are compressed', () => {
    const reader = new MessageReader(limit);
    const piece = Uint8Array.of(1, 0, 0, 0, 1, 42, 0, 0, 0, 0, 0);
    reader.give(piece, 0, piece.length);
    assert.deepEqual(reader.next(), Uint8Array.of(42));
    assert.equal(reader.compressed, true);
    assert.deepEqual(reader.next(), new Uint8Array());
    assert.equal(reader.compressed, false);
  });

  it('allocates at most twice of what came of a message that is announced as large', () => {
    const announced = 512 * 1_048_576;
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 100 }, () => {
      const reader = new MessageReader(announced);
      reader.give(messagePrefix(announced, false), 0, 5);
      reader.next();
      reader.keep();
      reader.give(new Uint8Array(1_000), 0, 1_000);
      reader.next();
      reader.keep();
      return reader;
    });
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 2 * 1_005 * readers.length + 1_048_576, `grew by ${grown} bytes`);
  });
});

/** Messages that are compressed, at our own server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { statusNumbers } from '../src/index.ts';
import { note, noteCodec } from './note-service.ts';
import { answerOf, compressed, hello, messagesOf, serve, statusAfter } from './raw-answer.ts';
import { connectRaw, frame, openRaw } from './raw-call.ts';

describe('gzip, at a server of ours', () => {
  const large = noteCodec.encode(note('x'.repeat(200_000)));

  it('is taken, in messages that say so, and not sent unless it was asked for', async () => {
    await using served = await serve();
    using session = connectRaw(served.port);
    for (const bytes of [hello, large]) {
      const headers = { 'grpc-encoding': 'gzip', 'grpc-accept-encoding': 'identity,gzip' };
      const stream = openRaw(session, '/test.Notes/Get', headers);
      const { head, body } = await answerOf(stream.end(compressed(gzipSync(bytes))));
      assert.deepEqual(messagesOf(body), [{ compressed: false, bytes: Uint8Array.from(bytes) }]);
      assert.equal(head['grpc-encoding'], undefined);
      assert.equal(head['grpc-accept-encoding'], 'identity,gzip');
    }
  });

  it('keeps the order of a stream, however large its messages become', async () => {
    await using served = await serve();
    using session = connectRaw(served.port);
    const stream = openRaw(session, '/test.Notes/Echo', { 'grpc-encoding': 'gzip' });
    const sent = [large, hello, large, hello, hello];
    for (const [at, bytes] of sent.entries())
      stream.write(at % 3 === 2 ? frame(bytes) : compressed(gzipSync(bytes)));
    const { body } = await answerOf(stream.end());
    assert.deepEqual(
      messagesOf(body).map(({ bytes }) => bytes.length),
      sent.map(({ length }) => length),
    );
  });

  it('is sent for large responses to who takes it', async () => {
    await using served = await serve({ compressFromBytes: 1_000 });
    using session = connectRaw(served.port);
    for (const [encodings, bytes, expected] of [
      ['identity,gzip', large, true],
      ['identity,gzip', hello, false],
      ['identity', large, false],
    ] as const) {
      const stream = openRaw(session, '/test.Notes/Get', { 'grpc-accept-encoding': encodings });
      const { head, body } = await answerOf(stream.end(frame(bytes)));
      const [message] = messagesOf(body);
      assert.equal(message?.compressed, expected);
      assert.equal(head['grpc-encoding'], encodings.includes('gzip') ? 'gzip' : undefined);
      const plain = message?.compressed ? gunzipSync(message.bytes) : (message?.bytes ?? hello);
      assert.deepEqual(Buffer.from(plain), Buffer.from(bytes));
    }
  });

  it('is refused where it is not said or is none, and bombs where they grow too large', async () => {
    await using served = await serve({ maxMessageBytes: 300_000 });
    using session = connectRaw(served.port);
    const gzip = { 'grpc-encoding': 'gzip' };
    const bomb = gzipSync(new Uint8Array(50_000_000));
    const unsaid = await statusAfter(session, {}, compressed(gzipSync(hello)));
    assert.equal(unsaid['grpc-status'], `${statusNumbers.INTERNAL}`);
    const garbage = await statusAfter(session, gzip, compressed(hello));
    assert.equal(garbage['grpc-status'], `${statusNumbers.INTERNAL}`);
    const tooLarge = await statusAfter(session, gzip, compressed(bomb));
    assert.equal(tooLarge['grpc-status'], `${statusNumbers.RESOURCE_EXHAUSTED}`);
    const unknown = await statusAfter(session, { 'grpc-encoding': 'zstd' }, compressed(hello));
    assert.equal(unknown['grpc-status'], `${statusNumbers.UNIMPLEMENTED}`);
    assert.equal(unknown['grpc-accept-encoding'], 'identity,gzip');
    assert.equal((await statusAfter(session, gzip, compressed(gzipSync(large))))['grpc-status'], '0');
  });
});

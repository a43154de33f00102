/** HTTP around calls, and what handlers see of them, at our own server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Call, Metadata, statusNumbers } from '../src/index.ts';
import { type Note, note, noteCodec } from './note-service.ts';
import { answerOf, hello, messagesOf, serve, statusAfter } from './raw-answer.ts';
import { connectRaw, frame, openRaw, statusOf } from './raw-call.ts';
import { type RawField, RawPeer, rawData, rawFlags, rawHeaders } from './raw-http2-peer.ts';

describe('a server of ours', () => {
  it('answers what is no call in HTTP, when it is complete', async () => {
    await using served = await serve();
    using session = connectRaw(served.port);
    const notPost = await answerOf(openRaw(session, '/', { ':method': 'GET' }).end());
    assert.equal(notPost.head[':status'], 405);
    assert.equal(notPost.head.allow, 'POST');
    const notGrpc = await answerOf(openRaw(session, '/', { 'content-type': 'application/json' }).end('{}'));
    assert.equal(notGrpc.head[':status'], 415);
    assert.match(`${notGrpc.body}`, /gRPC/);
  });

  it('takes calls that do not say te: trailers, and those that name their codec', async () => {
    await using served = await serve();
    using session = connectRaw(served.port);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/test.Notes/Get',
      'content-type': 'application/grpc+proto',
    });
    stream.end(frame(hello));
    assert.equal((await statusOf(stream))['grpc-status'], '0');
  });

  it('answers an unknown method at once, with a status alone', async () => {
    await using served = await serve();
    using session = connectRaw(served.port);
    const stream = openRaw(session, '/test.Notes/Missing');
    const answer = await answerOf(stream);
    assert.equal(answer.head[':status'], 200);
    assert.equal(answer.head['grpc-status'], `${statusNumbers.UNIMPLEMENTED}`);
    assert.deepEqual([answer.trailers, answer.body.length], [{}, 0]);
  });

  it('refuses a timeout that is none, and messages that are cut short', async () => {
    await using served = await serve();
    using session = connectRaw(served.port);
    for (const timeout of ['5', '1s', '123456789S', '']) {
      const status = await statusAfter(session, { 'grpc-timeout': timeout }, frame(hello));
      assert.equal(status['grpc-status'], `${statusNumbers.INTERNAL}`, timeout);
    }
    const status = await statusAfter(session, {}, frame(hello).subarray(0, -1));
    assert.equal(status['grpc-status'], `${statusNumbers.INTERNAL}`);
  });

  it('takes requests however they are cut into pieces', async () => {
    await using served = await serve();
    using session = connectRaw(served.port);
    const message = note('cut', new Uint8Array(100_000).fill(7));
    const bytes = frame(noteCodec.encode(message));
    const stream = openRaw(session, '/test.Notes/Get');
    for (let at = 0; at < bytes.length; at += 9_999) {
      stream.write(bytes.subarray(at, at + 9_999));
      await new Promise(setImmediate);
    }
    const { body } = await answerOf(stream.end());
    assert.deepEqual(
      messagesOf(body).map((one) => noteCodec.decode(one.bytes)),
      [message],
    );
  });

  it('gives the metadata that a call sets with its first message', async () => {
    await using served = await serve(
      {},
      {
        async get(request, call) {
          call.headers.set('x-first', 'yes');
          return request;
        },
        async *list(request, call) {
          call.headers.set('x-first', 'yes');
          for (const _ of request.text) yield request;
        },
      },
    );
    using session = connectRaw(served.port);
    const unary = await answerOf(openRaw(session, '/test.Notes/Get').end(frame(hello)));
    assert.equal(unary.head['x-first'], 'yes');
    assert.equal(unary.trailers['grpc-status'], '0');
    const empty = await answerOf(openRaw(session, '/test.Notes/List').end(frame(noteCodec.encode(note('')))));
    assert.equal(empty.head['x-first'], undefined);
    assert.equal(empty.head['grpc-status'], '0');
  });

  it('lets a call change its metadata without another seeing it', async () => {
    const calls: Call[] = [];
    await using served = await serve(
      {},
      {
        async get(request, call) {
          calls.push(call);
          call.metadata.add('x-note', `${calls.length}`);
          return request;
        },
      },
    );
    using session = connectRaw(served.port);
    for (let i = 0; i < 2; i++) await statusAfter(session, { 'x-note': 'sent' }, frame(hello));
    const noted = calls.map(({ metadata }) => [...metadata].find(([key]) => key === 'x-note')?.[1]);
    assert.deepEqual(noted, [
      ['sent', '1'],
      ['sent', '2'],
    ]);
    assert.ok(calls[0]?.metadata instanceof Metadata);
  });

  it('refuses a message that is too large also while nobody asks for it, and ends that call alone', async () => {
    await using served = await serve({}, { echo: busyEcho });
    using peer = await RawPeer.client(served.port);
    const head = (path: string): RawField[] => [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
    ];
    peer.send(rawHeaders(1, head('/test.Notes/Echo')), rawData(1, frame(hello)));
    // The prefix of the second message in two pieces, then the beginning of what it announces.
    for (const piece of [Buffer.of(0, 0xff), Buffer.of(0xff, 0xff, 0xff), Buffer.alloc(20)]) {
      peer.send(rawData(1, piece));
      await peer.sync();
    }
    peer.send(rawHeaders(3, head('/test.Notes/Get')), rawData(3, frame(hello), rawFlags.END_STREAM));
    const statuses = new Map<number, string | undefined>();
    while (statuses.size < 2) {
      const block = await peer.next('HEADERS');
      const status = peer.decode(block).find(({ name }) => name === 'grpc-status');
      if (status) statuses.set(block.streamId, status.value);
    }
    assert.equal(statuses.get(1), `${statusNumbers.RESOURCE_EXHAUSTED}`);
    assert.equal(statuses.get(3), '0');
  });
});

/** Takes one request and then waits for its end. */
async function* busyEcho(requests: AsyncIterable<Note>, { signal }: Call): AsyncIterable<Note> {
  for await (const request of requests) {
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    yield request;
  }
}

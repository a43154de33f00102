/** What a server answers to what no proper client sends, and to handlers that fail improperly. */
import assert from 'node:assert/strict';
import { connect as connectSocket } from 'node:net';
import { it } from 'node:test';
import { decodeErrorDetails } from '../src/error-details-codec.ts';
import { createClient, statusNumbers } from '../src/index.ts';
import { note, noteCodec, noteService, notes, textsOf } from './note-service.ts';
import { connectRaw, frame, openRaw, statusOf } from './raw-call.ts';
import { overEachTransport } from './transports.ts';
import { failureOf, waitUntil } from './wait-until.ts';

const notUtf8 = Uint8Array.of(0, 0, 0, 2, 0xc3, 0x28);

overEachTransport('a server', ({ serveNotes }) => {
  for (const shape of ['Get', 'List', 'Collect', 'Echo']) {
    it(`answers ${shape} with MALFORMED_MESSAGE when the request cannot be decoded`, async () => {
      await using served = await serveNotes();
      using session = connectRaw(served.port);
      for (const bytes of [notUtf8, Uint8Array.of(1), Uint8Array.of(0, 0, 0, 9, 1)]) {
        const stream = openRaw(session, `/test.Notes/${shape}`);
        stream.end(frame(bytes));
        const status = await statusOf(stream);
        assert.equal(status['grpc-status'], `${statusNumbers.INVALID_ARGUMENT}`);
        const [detail] = decodeErrorDetails(Buffer.from(`${status['grpc-status-details-bin']}`, 'base64'));
        const method = `/test.Notes/${shape}`;
        const metadata = { method };
        const expected = { kind: 'ErrorInfo', reason: 'MALFORMED_MESSAGE', domain: 'connections', metadata };
        assert.deepEqual(detail, expected);
      }
      assert.equal((await served.client.get({ text: 'alive' })).text, 'alive');
    });
  }

  it('tells nobody the message of an error that is no StatusError', async () => {
    const leak = (): never => {
      throw Object.assign(new Error('password=hunter2'), { code: 5, details: 'hunter2' });
    };
    await using served = await serveNotes({
      get: async () => leak(),
      // biome-ignore lint/correctness/useYield: it fails before it yields.
      async *list() {
        leak();
      },
      collect: () => leak(),
      echo: () => leak(),
    });
    const { client } = served;
    const calls = [
      client.get({}),
      textsOf(client.list({})),
      client.collect(notes('a')),
      textsOf(client.echo(notes('a'))),
    ];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      assert.equal(failure.status, 'INTERNAL');
      assert.doesNotMatch(failure.message + JSON.stringify(failure.details), /hunter2/);
    }
  });

  it('answers INTERNAL when the handler gives what cannot be encoded', async () => {
    await using served = await serveNotes({ get: async () => undefined as never });
    assert.equal((await failureOf(served.client.get({}))).status, 'INTERNAL');
  });

  it('answers RESOURCE_EXHAUSTED to a request that is too large, of any shape', async () => {
    await using served = await serveNotes({}, { maxMessageBytes: 100_000 });
    const { client } = served;
    const large = note('', new Uint8Array(100_001));
    async function* one() {
      yield large;
    }
    const calls = [client.get(large), client.collect(one()), textsOf(client.echo(one()))];
    for (const { status } of await Promise.all(calls.map(failureOf)))
      assert.equal(status, 'RESOURCE_EXHAUSTED');
  });

  it('answers RESOURCE_EXHAUSTED instead of a response that is too large', async () => {
    const large = note('', new Uint8Array(100_001));
    let cleanedUp = false;
    await using served = await serveNotes(
      {
        get: async () => large,
        async *list() {
          try {
            yield note('first');
            yield large;
          } finally {
            cleanedUp = true;
          }
        },
      },
      { maxMessageBytes: 100_000 },
    );
    assert.equal((await failureOf(served.client.get({}))).status, 'RESOURCE_EXHAUSTED');
    const list = served.client.list({})[Symbol.asyncIterator]();
    assert.equal((await list.next()).value?.text, 'first');
    assert.equal((await failureOf(list.next())).status, 'RESOURCE_EXHAUSTED');
    assert.ok(cleanedUp);
  });

  it('answers RESOURCE_EXHAUSTED to metadata that is too large', async () => {
    await using served = await serveNotes({}, { maxMetadataBytes: 2_000 });
    using session = connectRaw(served.port);
    const answer = async (bytes: number) => {
      const stream = openRaw(session, '/test.Notes/Get', { 'x-large': 'x'.repeat(bytes) });
      stream.end(frame(noteCodec.encode(note('hi'))));
      return (await statusOf(stream))['grpc-status'];
    };
    assert.equal(await answer(2_000), `${statusNumbers.RESOURCE_EXHAUSTED}`);
    assert.equal(await answer(1_000), '0');
  });

  it('answers UNIMPLEMENTED to an unknown method and to a wrong number of requests', async () => {
    await using served = await serveNotes({ get: () => new Promise(() => {}) });
    using session = connectRaw(served.port);
    const message = frame(noteCodec.encode(note('hi')));
    const cases = new Map([
      ['/test.Notes/Missing', message],
      ['/test.Notes/Get', Buffer.alloc(0)],
      ['/test.Notes/Get?', Buffer.concat([message, message])],
    ]);
    for (const [path, body] of cases) {
      const stream = openRaw(session, path.replace('?', ''));
      stream.end(body);
      assert.equal((await statusOf(stream))['grpc-status'], `${statusNumbers.UNIMPLEMENTED}`, path);
    }
  });

  it('outlives bytes that are not HTTP/2', async () => {
    await using served = await serveNotes();
    let closed = 0;
    for (const garbage of [
      'GET / HTTP/1.1\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage',
      '\x16\x03\x01\x02\x00',
    ]) {
      const socket = connectSocket(served.port, '127.0.0.1');
      socket.on('error', () => {}).on('close', () => closed++);
      socket.resume().end(garbage);
    }
    await waitUntil('the connections are closed', () => closed === 3);
    assert.equal((await served.client.get({ text: 'alive' })).text, 'alive');
  });

  it('keeps its log to itself when a client sends a header that is not allowed', async (t) => {
    const log = t.mock.method(console, 'error', () => {});
    await using served = await serveNotes();
    using session = connectRaw(served.port);
    const stream = openRaw(session, '/test.Notes/Get', { 'x-note': 'ünïcode' });
    stream.end(frame(noteCodec.encode(note('hi'))));
    assert.equal((await statusOf(stream))['grpc-status'], '0');
    assert.equal(log.mock.callCount(), 0);
  });
});

overEachTransport('a channel', ({ serveNotes, createChannel }) => {
  it('rejects with INTERNAL when a message cannot be encoded or decoded', async () => {
    await using served = await serveNotes();
    const channel = createChannel(`127.0.0.1:${served.port}`);
    const broken = (): never => {
      throw new Error('broken codec');
    };
    const method = {
      path: '/test.Notes/Get',
      requestStream: false,
      responseStream: false,
      request: noteCodec,
    };
    const undecodable = { ...method, response: { ...noteCodec, decode: broken } };
    const unencodable = { ...method, request: { ...noteCodec, encode: broken }, response: noteCodec };
    assert.equal((await failureOf(channel.unary(undecodable, note('hi'), {}))).status, 'INTERNAL');
    assert.equal((await failureOf(channel.unary(unencodable, note('hi'), {}))).status, 'INTERNAL');
    const list = { ...undecodable, path: '/test.Notes/List', responseStream: true };
    async function* one() {
      yield note('3');
    }
    assert.equal((await failureOf(textsOf(channel.stream(list, one(), {})))).status, 'INTERNAL');
    channel.close();
  });

  it('rejects with RESOURCE_EXHAUSTED when a message is larger than it takes or sends', async () => {
    await using served = await serveNotes({ collect: async () => note('', new Uint8Array(2_000)) });
    const channel = createChannel(`127.0.0.1:${served.port}`, { maxMessageBytes: 1_000 });
    const client = createClient(noteService, channel);
    const sent = await failureOf(client.get(note('', new Uint8Array(2_000))));
    assert.equal(sent.status, 'RESOURCE_EXHAUSTED');
    assert.equal((await failureOf(client.collect(notes()))).status, 'RESOURCE_EXHAUSTED');
    channel.close();
  });

  it('rejects when the server sends another number of responses than one', async () => {
    await using served = await serveNotes();
    const channel = createChannel(`127.0.0.1:${served.port}`);
    const method = {
      path: '/test.Notes/List',
      requestStream: false,
      responseStream: false,
      request: noteCodec,
      response: noteCodec,
    };
    for (const count of ['0', '2', '30']) {
      assert.equal((await failureOf(channel.unary(method, note(count), {}))).status, 'UNIMPLEMENTED');
      async function* one() {
        yield note(count);
      }
      const asClientStream = textsOf(channel.stream({ ...method, requestStream: true }, one(), {}));
      assert.equal((await failureOf(asClientStream)).status, 'UNIMPLEMENTED');
    }
    channel.close();
  });

  it('rejects calls with UNAVAILABLE when nobody listens, and when it is closed', async () => {
    const served = await serveNotes();
    await served.stop(0);
    const channel = createChannel(`127.0.0.1:${served.port}`);
    assert.equal((await failureOf(channel.ready(100))).status, 'UNAVAILABLE');
    const method = {
      path: '/test.Notes/Get',
      requestStream: false,
      responseStream: false,
      request: noteCodec,
      response: noteCodec,
    };
    assert.equal((await failureOf(channel.unary(method, note(''), {}))).status, 'UNAVAILABLE');
    channel.close();
    assert.equal((await failureOf(channel.unary(method, note(''), {}))).status, 'UNAVAILABLE');
    assert.equal((await failureOf(textsOf(channel.stream(method, notes('a'), {})))).status, 'UNAVAILABLE');
    assert.equal((await failureOf(channel.ready(100))).status, 'UNAVAILABLE');
    await served[Symbol.asyncDispose]();
  });
});

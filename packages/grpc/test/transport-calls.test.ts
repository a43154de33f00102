/** Calls of the four shapes between our server and our client over sockets. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Call, type ErrorDetail, Metadata, StatusError } from '../src/index.ts';
import { note, notes, textsOf } from './note-service.ts';
import { overEachTransport } from './transports.ts';
import { failureOf } from './wait-until.ts';

overEachTransport('a call', ({ serveNotes }) => {
  it('of any shape takes and gives messages', async () => {
    await using served = await serveNotes();
    const { client } = served;
    assert.deepEqual(
      await client.get(note('one', Uint8Array.of(0, 255))),
      note('one', Uint8Array.of(0, 255)),
    );
    assert.deepEqual(await textsOf(client.list({ text: '3' })), ['1', '2', '3']);
    assert.equal((await client.collect(notes('a', 'b', 'c'))).text, 'a b c');
    assert.deepEqual(await textsOf(client.echo(notes('x', 'y'))), ['x', 'y']);
  });

  it('takes and gives empty streams', async () => {
    await using served = await serveNotes();
    assert.deepEqual(await textsOf(served.client.list({ text: '0' })), []);
    assert.equal((await served.client.collect(notes())).text, '');
    assert.deepEqual(await textsOf(served.client.echo(notes())), []);
  });

  it('carries metadata of the client, text and bytes', async () => {
    const seen: Call[] = [];
    await using served = await serveNotes({
      async get(request, call) {
        seen.push(call);
        return request;
      },
    });
    const metadata = new Metadata();
    metadata.set('x-text', 'value');
    metadata.set('x-bytes-bin', Uint8Array.of(0, 128, 255));
    metadata.add('x-many', 'a');
    metadata.add('x-many', 'b');
    await served.client.get({}, { metadata });
    assert.equal(seen[0]?.metadata.text('x-text'), 'value');
    assert.deepEqual(seen[0]?.metadata.bytes('x-bytes-bin'), Uint8Array.of(0, 128, 255));
    assert.equal(seen[0]?.metadata.text('x-many'), 'a, b');
    assert.equal(seen[0]?.metadata.text('te'), undefined);
  });

  it('carries trailers of the server, whether it succeeds or fails', async () => {
    await using served = await serveNotes({
      async get(request, call) {
        call.trailers.set('x-durability', 'DURABLE');
        call.trailers.set('x-token-bin', Uint8Array.of(1, 2));
        if (request.text === 'fail') throw new StatusError('ABORTED', 'as asked');
        return request;
      },
      async *list(request, call) {
        yield request;
        call.trailers.set('x-durability', 'BUFFERED');
      },
    });
    const received: Metadata[] = [];
    const onTrailers = (trailers: Metadata) => received.push(trailers);
    await served.client.get({ text: 'pass' }, { onTrailers });
    await failureOf(served.client.get({ text: 'fail' }, { onTrailers }));
    await textsOf(served.client.list({}, { onTrailers }));
    assert.deepEqual(
      received.map((trailers) => trailers.text('x-durability')),
      ['DURABLE', 'DURABLE', 'BUFFERED'],
    );
    assert.deepEqual(received[1]?.bytes('x-token-bin'), Uint8Array.of(1, 2));
    assert.deepEqual([...(received[0] ?? [])].map(([key]) => key).sort(), ['x-durability', 'x-token-bin']);
  });

  it('carries initial metadata of the server, told once and before the first message', async () => {
    await using served = await serveNotes({
      async get(request, call) {
        call.headers.set('x-text', 'of the answer');
        return request;
      },
      async *list(request, call) {
        call.headers.set('x-bytes-bin', Uint8Array.of(1, 255));
        yield request;
        yield request;
      },
    });
    const told: string[] = [];
    await served.client.get({}, { onHeaders: (headers) => told.push(`${headers.text('x-text')}`) });
    const onHeaders = (headers: Metadata) => told.push(`${headers.bytes('x-bytes-bin')}`);
    for await (const { text } of served.client.list({ text: 'message' }, { onHeaders })) told.push(text);
    assert.deepEqual(told, ['of the answer', '1,255', 'message', 'message']);
  });

  it('survives trailers that would break its protocol', async () => {
    await using served = await serveNotes({
      async get(request, call) {
        for (const key of ['grpc-status', 'connection', 'content-type', 'te']) call.trailers.set(key, '7');
        call.trailers.add('etag', 'one');
        call.trailers.add('etag', 'two');
        return request;
      },
    });
    let etag: string | undefined;
    const onTrailers = (trailers: Metadata) => {
      etag = trailers.text('etag');
    };
    assert.equal((await served.client.get({ text: 'fine' }, { onTrailers })).text, 'fine');
    assert.equal(etag, 'one, two');
  });

  it('carries the status, message and details of a failure, whatever its shape', async () => {
    const details: readonly ErrorDetail[] = [
      {
        kind: 'ErrorInfo',
        reason: 'NOTE_LOST',
        domain: 'test',
        metadata: { __proto__: 'kept', a: 'ü' } as never,
      },
      { kind: 'BadRequest', violations: [{ field: 'text', description: 'is 5 % wrong' }] },
      { kind: 'RetryInfo', delayMs: 250 },
    ];
    const lose = (): never => {
      throw new StatusError('DATA_LOSS', 'lost: 100 % ü\n', { details });
    };
    await using served = await serveNotes({
      get: async () => lose(),
      async *list(request) {
        yield request;
        lose();
      },
      collect: async () => lose(),
      // biome-ignore lint/correctness/useYield: it fails before it yields.
      async *echo() {
        lose();
      },
    });
    const { client } = served;
    const list = client.list({})[Symbol.asyncIterator]();
    assert.equal((await list.next()).done, false);
    const calls = [client.get({}), list.next(), client.collect(notes()), textsOf(client.echo(notes()))];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      assert.equal(failure.status, 'DATA_LOSS');
      assert.equal(failure.message, 'lost: 100 % ü\n');
      assert.deepEqual(failure.details, details);
      assert.equal(failure.reason, 'NOTE_LOST');
    }
    assert.deepEqual(await list.next(), { done: true, value: undefined });
  });

  it('has a message that is well-formed, though its error has not', async () => {
    await using served = await serveNotes({
      get: async () => {
        throw new StatusError('ABORTED', `half a pair \ud800, ${'x'.repeat(10_000)}`);
      },
    });
    const { status, message } = await failureOf(served.client.get({}));
    assert.equal(status, 'ABORTED');
    assert.match(message, /^half a pair \ufffd, x+$/);
  });

  it('leaves out details that clients would refuse for their size', async () => {
    const violations = Array.from({ length: 500 }, (_, i) => ({ field: `f${i}`, description: 'wrong' }));
    await using served = await serveNotes({
      get: async () => {
        throw new StatusError('INVALID_ARGUMENT', 'all wrong', {
          details: [
            { kind: 'ErrorInfo', reason: 'ALL_WRONG', domain: 'test', metadata: {} },
            { kind: 'BadRequest', violations },
          ],
        });
      },
    });
    const failure = await failureOf(served.client.get({}));
    assert.equal(failure.reason, 'ALL_WRONG');
    assert.equal(failure.details.length, 1);
  });

  it('knows its method, its peer and its caller', async () => {
    const calls: Call[] = [];
    await using served = await serveNotes({
      async get(request, call) {
        calls.push(call);
        return request;
      },
    });
    await served.client.get({});
    assert.equal(calls[0]?.method, '/test.Notes/Get');
    assert.match(calls[0]?.peer.address ?? '', /^127\.0\.0\.1:\d+$/);
    assert.equal(calls[0]?.peer.loopback, true);
    assert.equal(calls[0]?.peer.secure, false);
    assert.equal(calls[0]?.principal.name, 'anonymous');
    assert.equal(calls[0]?.signal.aborted, false);
    assert.equal(calls[0]?.deadline, undefined);
  });

  it('lets a handler leave its request stream early', async () => {
    await using served = await serveNotes({
      async collect(requests) {
        for await (const { text } of requests) return note(text);
        return note('none');
      },
    });
    async function* endless() {
      for (let i = 0; ; i++) yield note(`${i}`, new Uint8Array(1_000));
    }
    assert.equal((await served.client.collect(endless())).text, '0');
  });

  it('answers a bidi stream while its requests go on', async () => {
    await using served = await serveNotes();
    const asked: ((text: string) => void)[] = [];
    async function* questions() {
      for (;;) yield note(await new Promise<string>((resolve) => asked.push(resolve)));
    }
    const answers = served.client.echo(questions())[Symbol.asyncIterator]();
    for (const text of ['first', 'second', 'third']) {
      const answer = answers.next();
      while (asked.length === 0) await new Promise(setImmediate);
      asked.shift()?.(text);
      assert.equal((await answer).value?.text, text);
    }
    await answers.return?.();
  });

  it('takes several demands of one consumer in order', async () => {
    await using served = await serveNotes();
    const list = served.client.list({ text: '3' })[Symbol.asyncIterator]();
    const steps = await Promise.all([list.next(), list.next(), list.next(), list.next(), list.next()]);
    assert.deepEqual(
      steps.map((step) => step.value?.text),
      ['1', '2', '3', undefined, undefined],
    );
  });
});

/** Interceptors around calls over sockets. */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { it } from 'node:test';
import { type Interceptor, Metadata, StatusError } from '../src/index.ts';
import { note, notes, textsOf } from './note-service.ts';
import { overEachTransport } from './transports.ts';
import { failureOf, waitUntil } from './wait-until.ts';

overEachTransport('interceptors', ({ serveNotes, createChannel }) => {
  it('run around the whole call, the first outermost', async () => {
    const order: string[] = [];
    const trace =
      (name: string): Interceptor =>
      async (_call, proceed) => {
        order.push(`${name} before`);
        await proceed();
        order.push(`${name} after`);
      };
    await using served = await serveNotes(
      {
        async get(request) {
          order.push('handler');
          return request;
        },
      },
      { interceptors: [trace('outer'), trace('inner')] },
    );
    await served.client.get({});
    assert.deepEqual(order, ['outer before', 'inner before', 'handler', 'inner after', 'outer after']);
  });

  it('see a stream as over when its last message was taken', async () => {
    const order: string[] = [];
    await using served = await serveNotes(
      {
        async *list() {
          yield note('1');
          order.push('after the first');
          yield note('2');
          order.push('after the last');
        },
      },
      {
        interceptors: [
          async (_call, proceed) => {
            await proceed();
            order.push('interceptor');
          },
        ],
      },
    );
    await textsOf(served.client.list({}));
    assert.deepEqual(order, ['after the first', 'after the last', 'interceptor']);
  });

  it('see a call that ended before its handler answered as its client does', async () => {
    const seen: unknown[] = [];
    await using served = await serveNotes(
      { get: (request, call) => once(call.signal, 'abort').then(() => request) },
      {
        interceptors: [
          async (_call, proceed) => {
            await proceed().catch((error) => seen.push(error));
            seen.push('over');
          },
        ],
      },
    );
    // The deadline is for the call, not for the connection.
    await textsOf(served.client.list({ text: '0' }));
    seen.length = 0;
    assert.equal((await failureOf(served.client.get({}, { timeoutMs: 50 }))).status, 'DEADLINE_EXCEEDED');
    await waitUntil('the call is over', () => seen.at(-1) === 'over');
    assert.equal((seen[0] as StatusError).status, 'DEADLINE_EXCEEDED');
  });

  it('give streams an asynchronous context, also while they wait for room that another leaves', async () => {
    const calls = new AsyncLocalStorage<string>();
    const strayed: unknown[] = [];
    const blob = new Uint8Array(300_000);
    const seen = (name: string) => calls.getStore() === name || strayed.push([name, calls.getStore()]);
    await using served = await serveNotes(
      {
        async *list({ text }) {
          try {
            for (let i = 0; i < 8; i++) {
              yield note(text, blob);
              seen(text);
            }
          } finally {
            seen(text);
          }
        },
      },
      {
        maxUnsentBytes: 300_100,
        interceptors: [(call, proceed) => calls.run(call.metadata.text('name') ?? '', proceed)],
      },
    );
    const read = async (name: string, count: number) => {
      const metadata = new Metadata();
      metadata.set('name', name);
      for await (const _ of served.client.list({ text: name }, { metadata })) if (--count === 0) return;
    };
    await Promise.all([read('a', 8), read('b', 8), read('c', 3), read('d', 8)]);
    assert.deepEqual(strayed, []);
  });

  it('refuse calls of any shape before their handlers run', async () => {
    let handled = 0;
    await using served = await serveNotes(
      {
        async get(request) {
          handled++;
          return request;
        },
        async *list(request) {
          handled++;
          yield request;
        },
        async collect() {
          handled++;
          return note('');
        },
        async *echo(requests) {
          handled++;
          yield* requests;
        },
      },
      {
        interceptors: [
          async () => {
            throw new StatusError('PERMISSION_DENIED', 'not you');
          },
        ],
      },
    );
    const { client } = served;
    const calls = [
      client.get({}),
      textsOf(client.list({})),
      client.collect(notes('a')),
      textsOf(client.echo(notes('a'))),
    ];
    for (const { status } of await Promise.all(calls.map(failureOf)))
      assert.equal(status, 'PERMISSION_DENIED');
    assert.equal(handled, 0);
  });

  it('can still refuse a response that the handler gave', async () => {
    await using served = await serveNotes(
      {},
      {
        interceptors: [
          async (_call, proceed) => {
            await proceed();
            throw new StatusError('FAILED_PRECONDITION', 'too late');
          },
        ],
      },
    );
    assert.equal((await failureOf(served.client.get({}))).status, 'FAILED_PRECONDITION');
  });

  it('map errors, set trailers and say who is calling', async () => {
    await using served = await serveNotes(
      {
        get: async (_request, call) => {
          throw new Error(`${call.principal.name} broke it`);
        },
      },
      {
        interceptors: [
          async (call, proceed) => {
            call.principal = { name: 'tester', scopes: [] };
            call.trailers.set('x-seen', 'yes');
            try {
              await proceed();
            } catch (error) {
              throw new StatusError('NOT_FOUND', (error as Error).message);
            }
          },
        ],
      },
    );
    let seen: string | undefined;
    const onTrailers = (trailers: Metadata) => {
      seen = trailers.text('x-seen');
    };
    const failure = await failureOf(served.client.get({}, { onTrailers }));
    assert.equal(failure.status, 'NOT_FOUND');
    assert.equal(failure.message, 'tester broke it');
    assert.equal(seen, 'yes');
  });

  it('see the error of a request that cannot be decoded', async () => {
    const seen: unknown[] = [];
    await using served = await serveNotes(
      {},
      {
        interceptors: [
          async (_call, proceed) => {
            await proceed().catch((error: unknown) => {
              seen.push(error);
              throw error;
            });
          },
        ],
      },
    );
    const cut = { encode: () => Uint8Array.of(0, 0, 0, 9), decode: () => note(''), create: () => note('') };
    const channel = createChannel(`127.0.0.1:${served.port}`);
    const method = {
      path: '/test.Notes/Get',
      requestStream: false,
      responseStream: false,
      request: cut,
      response: cut,
    };
    await failureOf(channel.unary(method, note(''), {}));
    channel.close();
    assert.equal((seen[0] as StatusError).reason, 'MALFORMED_MESSAGE');
  });

  it('that end a unary call without a response fail it', async () => {
    await using served = await serveNotes({}, { interceptors: [async () => {}] });
    assert.equal((await failureOf(served.client.get({}))).status, 'INTERNAL');
    assert.deepEqual(await textsOf(served.client.list({ text: '3' })), []);
  });
});

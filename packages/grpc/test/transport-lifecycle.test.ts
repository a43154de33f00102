/** Servers that start, are loaded and stop. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createClient, type StatusError } from '../src/index.ts';
import { note, noteService, notes, plainHandlers, textsOf } from './note-service.ts';
import { connectRaw, frame, openRaw } from './raw-call.ts';
import { overEachTransport } from './transports.ts';
import { failureOf, waitUntil } from './wait-until.ts';

overEachTransport('a server', ({ serveNotes, createServer, createChannel }) => {
  it('rejects with the code of the system when it cannot bind, and writes nothing', async (t) => {
    const log = t.mock.method(console, 'error', () => {});
    await using served = await serveNotes();
    const second = createServer();
    await assert.rejects(second.listen('127.0.0.1', served.port), { code: 'EADDRINUSE' });
    await assert.rejects(createServer().listen('203.0.113.1', 0), { code: 'EADDRNOTAVAIL' });
    assert.equal(log.mock.callCount(), 0);
    await second.stop(0);
  });

  it('refuses a service without all of its handlers, one added twice and one added late', async () => {
    const server = createServer();
    const { get, list, collect } = plainHandlers;
    assert.throws(() => server.add(noteService, { get, list, collect } as never), /Echo has no handler/);
    const other = createServer();
    other.add(noteService, plainHandlers);
    assert.throws(() => other.add(noteService, plainHandlers), /has a handler already/);
    await other.listen('127.0.0.1', 0);
    assert.throws(() => other.add(noteService, plainHandlers), /before the server listens/);
    await other.stop(0);
  });

  it('calls handlers that are methods on their object', async () => {
    class Notes {
      readonly #greeting = 'hello';
      get = plainHandlers.get;
      list = plainHandlers.list;
      collect = plainHandlers.collect;
      async *echo() {
        yield note(this.#greeting);
      }
    }
    const server = createServer();
    server.add(noteService, new Notes());
    const port = await server.listen('127.0.0.1', 0);
    const channel = createChannel(`127.0.0.1:${port}`);
    assert.deepEqual(await textsOf(createClient(noteService, channel).echo(notes())), ['hello']);
    channel.close();
    await server.stop(0);
  });

  it('can be stopped before it listens', async () => {
    await createServer().stop(1_000);
  });

  it('answers 10 000 concurrent calls of one channel', async () => {
    await using served = await serveNotes({}, { maxConcurrentStreams: 100 });
    const calls = Array.from({ length: 10_000 }, (_, i) => served.client.get({ text: `${i}` }));
    const answers = await Promise.all(calls);
    assert.deepEqual(
      answers.map(({ text }) => Number(text)),
      Array.from({ length: 10_000 }, (_, i) => i),
    );
  });

  it('lets open calls come to their end when it stops', async () => {
    let release = () => {};
    let running = 0;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const served = await serveNotes({
      async get(request) {
        running++;
        await gate;
        return request;
      },
      async *list() {
        running++;
        yield note('before');
        await gate;
        yield note('after');
      },
    });
    const unary = served.client.get({ text: 'kept' });
    const stream = textsOf(served.client.list({}));
    await waitUntil('the handlers run', () => running === 2);
    const stopped = served.stop(10_000);
    const channel = createChannel(`127.0.0.1:${served.port}`);
    assert.equal((await failureOf(channel.ready(300))).status, 'UNAVAILABLE');
    channel.close();
    release();
    assert.equal((await unary).text, 'kept');
    assert.deepEqual(await stream, ['before', 'after']);
    await stopped;
    await served[Symbol.asyncDispose]();
  });

  it('ends what is left with UNAVAILABLE when the grace is over, clients that do not read included', async () => {
    const reasons: StatusError[] = [];
    let running = 0;
    const served = await serveNotes({
      get(_request, call) {
        running++;
        return new Promise((_, reject) => {
          call.signal.addEventListener('abort', () => {
            reasons.push(call.signal.reason);
            reject(call.signal.reason);
          });
        });
      },
    });
    using session = connectRaw(served.port);
    const failing = failureOf(served.client.get({}));
    await waitUntil('the handler runs', () => running === 1);
    const before = performance.now();
    await served.stop(100);
    assert.ok(performance.now() - before < 3_000);
    const failure = await failing;
    assert.equal(failure.status, 'UNAVAILABLE');
    assert.equal(failure.reason, 'SHUTTING_DOWN');
    assert.equal(reasons[0]?.reason, 'SHUTTING_DOWN');
    await waitUntil('the connection is closed', () => session.closed || session.destroyed);
    await served[Symbol.asyncDispose]();
  });

  it('forgets calls that were lost before their request was complete', async () => {
    const served = await serveNotes();
    const session = connectRaw(served.port);
    for (const method of ['Get', 'List', 'Collect', 'Echo']) {
      openRaw(session, `/test.Notes/${method}`).write(frame(new Uint8Array(1_000)).subarray(0, 500));
    }
    assert.equal((await served.client.get({ text: 'all arrived' })).text, 'all arrived');
    await new Promise((resolve) => session.ping(resolve));
    session.destroy();
    const before = performance.now();
    await served.stop(10_000);
    assert.ok(performance.now() - before < 5_000);
    await served[Symbol.asyncDispose]();
  });

  it('stops though a handler never ends, and resolves every stop', async () => {
    let running = 0;
    const served = await serveNotes({
      get() {
        running++;
        return new Promise(() => {});
      },
    });
    const failing = failureOf(served.client.get({}));
    await waitUntil('the handler runs', () => running === 1);
    await Promise.all([served.stop(50), served.stop(60_000)]);
    assert.equal((await failing).status, 'UNAVAILABLE');
    await served.stop(60_000);
    await served[Symbol.asyncDispose]();
  });

  it('waits for finally blocks of calls whose clients are gone', async () => {
    let cleanedUp = false;
    const served = await serveNotes({
      async *list(request) {
        try {
          yield request;
          yield request;
        } finally {
          await new Promise((resolve) => setTimeout(resolve, 50));
          cleanedUp = true;
        }
      },
    });
    for await (const _ of served.client.list({})) break;
    await served.stop(5_000);
    assert.ok(cleanedUp);
    await served[Symbol.asyncDispose]();
  });
});

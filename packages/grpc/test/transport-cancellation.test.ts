/** Calls that end before their handlers do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { it } from 'node:test';
import { type Call, isStatusError, type StatusError, statusNumbers } from '../src/index.ts';
import { note, noteCodec, notes, textsOf } from './note-service.ts';
import { connectRaw, frame, openRaw, statusOf } from './raw-call.ts';
import { overEachTransport } from './transports.ts';
import { failureOf, waitUntil } from './wait-until.ts';

/** Never settles by itself: rejects when the call is aborted, as a handler's own waits should. */
function untilAborted(call: Call): Promise<never> {
  return new Promise((_, reject) => {
    call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true });
  });
}

function statusOfAbort(call: Call | undefined): string | undefined {
  const reason: unknown = call?.signal.reason;
  return isStatusError(reason) ? reason.status : undefined;
}

overEachTransport('a call that the client cancels', ({ serveNotes }) => {
  it('shares its signal with others without a warning', async () => {
    let calls = 0;
    await using served = await serveNotes({
      get(_request, call) {
        calls += 1;
        return untilAborted(call);
      },
    });
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const caller = new AbortController();
    const failing = Array.from({ length: 20 }, () =>
      failureOf(served.client.get({}, { signal: caller.signal })),
    );
    await waitUntil('the handlers run', () => calls === 20);
    caller.abort();
    assert.ok((await Promise.all(failing)).every(({ status }) => status === 'CANCELLED'));
    process.off('warning', warned);
    assert.deepEqual(warnings, []);
  });

  it('aborts the signal of a unary handler with CANCELLED', async () => {
    const reasons: StatusError[] = [];
    let started = false;
    await using served = await serveNotes({
      async get(_request, call) {
        started = true;
        return await untilAborted(call).catch((reason: StatusError) => {
          reasons.push(reason);
          throw reason;
        });
      },
    });
    const caller = new AbortController();
    const failing = failureOf(served.client.get({}, { signal: caller.signal }));
    await waitUntil('the handler runs', () => started);
    caller.abort();
    assert.equal((await failing).status, 'CANCELLED');
    await waitUntil('the signal is aborted', () => reasons.length === 1, 1_000);
    assert.equal(reasons[0]?.status, 'CANCELLED');
  });

  it('shows an aborted signal to who asks for it afterwards', async () => {
    let call: Call | undefined;
    await using served = await serveNotes({
      get(_request, received) {
        call = received;
        return new Promise(() => {});
      },
    });
    const caller = new AbortController();
    const failing = failureOf(served.client.get({}, { signal: caller.signal }));
    await waitUntil('the handler runs', () => call !== undefined);
    caller.abort();
    await failing;
    await waitUntil('the signal is aborted', () => call?.signal.aborted === true, 1_000);
  });

  it('runs the finally blocks of a stream that waits for its own source', async () => {
    let cleanedUp = false;
    await using served = await serveNotes({
      async *list(request, call) {
        try {
          yield request;
          await untilAborted(call);
        } finally {
          cleanedUp = true;
        }
      },
    });
    for await (const _ of served.client.list({})) break;
    await waitUntil('the finally block ran', () => cleanedUp, 1_000);
  });

  it('calls return on an iterator whose next message never comes', async () => {
    let asked = false;
    let returned = false;
    await using served = await serveNotes({
      list: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => {
            asked = true;
            return new Promise(() => {});
          },
          return: async () => {
            returned = true;
            return { done: true, value: undefined };
          },
        }),
      }),
    });
    const caller = new AbortController();
    const failing = failureOf(textsOf(served.client.list({}, { signal: caller.signal })));
    await waitUntil('a message is asked for', () => asked);
    caller.abort();
    assert.equal((await failing).status, 'CANCELLED');
    await waitUntil('the iterator is returned', () => returned, 1_000);
  });

  it('fails the request stream of a handler that waits for it, which must not pass for complete', async () => {
    const ends: unknown[] = [];
    const caller = new AbortController();
    await using served = await serveNotes({
      async collect(requests) {
        try {
          for await (const _ of requests) caller.abort();
        } catch (error) {
          ends.push(error);
        }
        return note('');
      },
    });
    async function* stuck() {
      yield note('one');
      await new Promise(() => {});
    }
    assert.equal(
      (await failureOf(served.client.collect(stuck(), { signal: caller.signal }))).status,
      'CANCELLED',
    );
    await waitUntil('the handler leaves its loop', () => ends.length === 1, 1_000);
    assert.equal((ends[0] as StatusError).status, 'CANCELLED');
  });

  it('is not sent when its signal is aborted already', async () => {
    let handled = 0;
    await using served = await serveNotes({
      async get(request) {
        handled++;
        return request;
      },
    });
    const signal = AbortSignal.abort();
    assert.equal((await failureOf(served.client.get({}, { signal }))).status, 'CANCELLED');
    assert.equal((await failureOf(textsOf(served.client.list({}, { signal })))).status, 'CANCELLED');
    assert.equal(handled, 0);
  });

  it('ends when the connection is lost', async () => {
    let call: Call | undefined;
    await using served = await serveNotes({
      get(_request, received) {
        call = received;
        return untilAborted(received);
      },
    });
    const session = connectRaw(served.port);
    openRaw(session, '/test.Notes/Get').end(frame(noteCodec.encode(note('hi'))));
    await waitUntil('the handler runs', () => call !== undefined);
    session.destroy();
    await waitUntil('the signal is aborted', () => call?.signal.aborted === true, 1_000);
    assert.equal(statusOfAbort(call), 'CANCELLED');
  });

  it('tells the source of its requests to stop', async () => {
    let stopped = false;
    await using served = await serveNotes();
    async function* endless() {
      try {
        for (let i = 0; ; i++) yield note(`${i}`);
      } finally {
        stopped = true;
      }
    }
    for await (const { text } of served.client.echo(endless())) if (text === '10') break;
    await waitUntil('the source is stopped', () => stopped, 1_000);
  });

  it('ends when the source of its requests fails', async () => {
    await using served = await serveNotes();
    const cause = new Error('the disk is gone');
    // biome-ignore lint/correctness/useYield: it fails before it yields.
    async function* failing() {
      throw cause;
    }
    const failure = await failureOf(served.client.collect(failing()));
    assert.equal(failure.status, 'CANCELLED');
    assert.equal(failure.cause, cause);
  });
});

overEachTransport('a call that has a deadline', ({ serveNotes }) => {
  it('fails with DEADLINE_EXCEEDED though its handler goes on, and aborts the signal with it', async () => {
    let call: Call | undefined;
    await using served = await serveNotes({
      get(_request, received) {
        call = received;
        return new Promise(() => {});
      },
    });
    const before = Date.now();
    assert.equal((await failureOf(served.client.get({}, { timeoutMs: 100 }))).status, 'DEADLINE_EXCEEDED');
    assert.ok(Date.now() - before < 1_000);
    await waitUntil('the signal is aborted', () => call?.signal.aborted === true, 1_000);
    assert.equal(statusOfAbort(call), 'DEADLINE_EXCEEDED');
    assert.ok(call?.deadline !== undefined && Math.abs(call.deadline - before - 100) < 100);
  });

  it('is ended by the server when the client does not watch the time', async () => {
    const interrupted: string[] = [];
    await using served = await serveNotes({
      get: () => new Promise(() => {}),
      async *list(_request, call) {
        yield note('first');
        await untilAborted(call).finally(() => interrupted.push('list'));
      },
    });
    using session = connectRaw(served.port);
    for (const method of ['Get', 'List']) {
      const stream = openRaw(session, `/test.Notes/${method}`, { 'grpc-timeout': '50m' });
      stream.end(frame(noteCodec.encode(note('hi'))));
      assert.equal((await statusOf(stream))['grpc-status'], `${statusNumbers.DEADLINE_EXCEEDED}`);
    }
    assert.deepEqual(interrupted, ['list']);
  });

  it('is ended though its client does not read', async () => {
    let returned = false;
    await using served = await serveNotes({
      async *list() {
        try {
          for (;;) yield note('', new Uint8Array(1_000_000));
        } finally {
          returned = true;
        }
      },
    });
    using session = connectRaw(served.port);
    const stream = openRaw(session, '/test.Notes/List', { 'grpc-timeout': '100m' });
    const closed = once(stream, 'close');
    stream.end(frame(noteCodec.encode(note('hi'))));
    await waitUntil('the iterator is returned', () => returned, 1_000);
    await closed;
    assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
  });

  it('far away is not taken for one that has passed', async () => {
    const deadlines: (number | undefined)[] = [];
    await using served = await serveNotes({
      async get(request, call) {
        deadlines.push(call.deadline);
        // A timer that took it for passed would fire meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 20));
        return request;
      },
    });
    using session = connectRaw(served.port);
    for (const timeout of ['27000H', '99999999S', '2147484S', '99999999H']) {
      const stream = openRaw(session, '/test.Notes/Get', { 'grpc-timeout': timeout });
      stream.end(frame(noteCodec.encode(note('hi'))));
      assert.equal((await statusOf(stream))['grpc-status'], '0', timeout);
    }
    assert.ok(Math.abs((deadlines[0] ?? 0) - Date.now() - 27_000 * 3_600_000) < 10_000);
    const year = 365 * 86_400_000;
    assert.equal((await served.client.get({ text: 'far' }, { timeoutMs: year })).text, 'far');
    assert.equal((await served.client.get({ text: 'far' }, { timeoutMs: Infinity })).text, 'far');
  });

  it('that has passed already fails at once', async () => {
    await using served = await serveNotes();
    assert.equal((await failureOf(served.client.get({}, { timeoutMs: 0 }))).status, 'DEADLINE_EXCEEDED');
    const failure = await failureOf(textsOf(served.client.echo(notes('a'), { timeoutMs: -1 })));
    assert.equal(failure.status, 'DEADLINE_EXCEEDED');
  });
});

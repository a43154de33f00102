/** Readers that are slow or read nothing, and what they make the other side hold. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { getDefaultHighWaterMark } from 'node:stream';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient } from '../src/index.ts';
import { type Note, note, noteCodec, noteService } from './note-service.ts';
import { connectRaw, frame, openRaw, statusOf } from './raw-call.ts';
import type { StalledServerReport } from './stalled-server.ts';
import { overEachTransport } from './transports.ts';
import { failureOf, waitUntil, waitUntilStill } from './wait-until.ts';

const mebibyte = 1_048_576;
/** What an HTTP/2 stream may send before its reader has read. */
const windowBytes = 65_535;

async function startStalledServer(
  transport: string,
  ...limits: number[]
): Promise<ChildProcess & AsyncDisposable> {
  const path = fileURLToPath(new URL('./stalled-server.js', import.meta.url));
  const child = fork(path, [transport, ...limits.map(String)], { execArgv: ['--expose-gc'] });
  const dispose = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return Object.assign(child, { [Symbol.asyncDispose]: dispose });
}

async function nextReport(child: ChildProcess): Promise<StalledServerReport> {
  const [report] = await once(child, 'message');
  return report;
}

function reportOf(child: ChildProcess): Promise<StalledServerReport> {
  const report = nextReport(child);
  child.send('report');
  return report;
}

function openUnread(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const stream = openRaw(session, path);
  stream.end(frame(noteCodec.encode(note('hi'))));
  return stream;
}

overEachTransport('a server process that is frozen', ({ createChannel, name }) => {
  it('ends its open calls with UNAVAILABLE when it answers no keepalive', async () => {
    await using child = await startStalledServer(name);
    const { port } = await nextReport(child);
    const channel = createChannel(`127.0.0.1:${port}`, { keepaliveMs: 100, keepaliveTimeoutMs: 100 });
    const stream = createClient(noteService, channel).list({})[Symbol.asyncIterator]();
    await stream.next();
    child.kill('SIGSTOP');
    const ended = (async () => {
      while (!(await stream.next()).done);
    })();
    assert.equal((await failureOf(ended)).status, 'UNAVAILABLE');
    channel.close();
  });
});

overEachTransport('a stream whose reader is stalled', ({ serveNotes, name, stalledMebibytes }) => {
  it('makes the server hold one message, no more', async (t) => {
    const streams = 50;
    await using child = await startStalledServer(name);
    const { port, rssBytes: before } = await nextReport(child);
    using session = connectRaw(port);
    for (let i = 0; i < streams; i++) openUnread(session, '/test.Notes/List');
    let latest = await reportOf(child);
    let samples = 0;
    for (const end = performance.now() + 1_500; performance.now() < end || samples < 6; samples++) {
      latest = await reportOf(child);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(latest.generated, streams, 'a message is asked for when the one before was taken');
    const grown = (latest.rssBytes - before) / mebibyte;
    t.diagnostic(`grew by ${grown.toFixed(1)} MiB`);
    // What has left for the windows of the streams is counted until the whole message has.
    assert.equal(latest.unsentBytes, streams * (mebibyte + 4));
    assert.ok(grown < stalledMebibytes, `grew by ${grown.toFixed()} MiB`);
  });

  it('is ended when others wait for the memory it holds, until the rest fit', async () => {
    const streams = 30;
    const fitting = 4;
    await using child = await startStalledServer(name, fitting * (mebibyte + 4), 100);
    const { port } = await nextReport(child);
    using session = connectRaw(port);
    const ends: number[] = [];
    for (let i = 0; i < streams; i++) {
      const stream = openUnread(session, '/test.Notes/List');
      stream.on('close', () => ends.push(stream.rstCode));
    }
    await waitUntil('the others are ended', () => ends.length === streams - fitting, 10_000);
    await waitUntilStill(() => ends.length, 300);
    assert.deepEqual(ends, Array(streams - fitting).fill(constants.NGHTTP2_ENHANCE_YOUR_CALM));
    const { slowConsumers } = await reportOf(child);
    assert.equal(slowConsumers, streams - fitting);
  });

  it('is asked for no more messages than its window takes, and one', async () => {
    const messageBytes = 1_024;
    let generated = 0;
    await using served = await serveNotes({
      async *list() {
        for (;;) {
          generated++;
          yield note('', new Uint8Array(messageBytes - 4));
        }
      },
    });
    using session = connectRaw(served.port);
    openUnread(session, '/test.Notes/List');
    await waitUntil('the stream has started', () => generated > 0);
    const still = await waitUntilStill(() => generated, 300);
    assert.ok(still <= Math.ceil(windowBytes / (messageBytes + 5)), `${still} messages`);
  });

  it('goes on where it stopped when its reader reads again', async () => {
    let generated = 0;
    await using served = await serveNotes({
      async *list() {
        for (let i = 1; i <= 100; i++) {
          generated++;
          yield note(`${i}`, new Uint8Array(100_000));
        }
      },
    });
    const list = served.client.list({})[Symbol.asyncIterator]();
    assert.equal((await list.next()).value?.text, '1');
    assert.ok((await waitUntilStill(() => generated, 200)) <= 4);
    for (let i = 2; i <= 100; i++) assert.equal((await list.next()).value?.text, `${i}`);
    assert.equal((await list.next()).done, true);
  });
});

overEachTransport('a stream whose reader takes everything at once', ({ serveNotes }) => {
  it('leaves others their turn', async () => {
    const messages = 10_000;
    let turns = 0;
    let watching = true;
    const turn = () => {
      turns++;
      if (watching) setImmediate(turn);
    };
    let turnsOfStream = 0;
    await using served = await serveNotes({
      async *list() {
        const before = turns;
        for (let i = 0; i < messages; i++) yield note('');
        turnsOfStream = turns - before;
      },
    });
    turn();
    const wide = 2 ** 31 - 1;
    using session = connectRaw(served.port, { initialWindowSize: wide });
    session.on('connect', () => session.setLocalWindowSize(wide));
    const stream = openRaw(session, '/test.Notes/List');
    stream.end(frame(noteCodec.encode(note('hi'))));
    assert.equal((await statusOf(stream))['grpc-status'], '0');
    watching = false;
    assert.ok(turnsOfStream >= messages / 256, `${turnsOfStream} turns`);
  });
});

overEachTransport('responses of unary calls that are not read', ({ serveNotes }) => {
  it('share the budget: those beyond it wait, and those that stall are ended', async () => {
    const calls = 12;
    const fitting = 3;
    await using served = await serveNotes(
      { get: async () => note('', new Uint8Array(mebibyte)) },
      { maxUnsentBytes: fitting * (mebibyte + 4), stalledStreamMs: 100 },
    );
    using session = connectRaw(served.port);
    const ends: number[] = [];
    for (let i = 0; i < calls; i++) {
      const stream = openUnread(session, '/test.Notes/Get');
      stream.on('close', () => ends.push(stream.rstCode));
    }
    await waitUntil('the others are ended', () => ends.length === calls - fitting);
    await waitUntilStill(() => ends.length, 300);
    assert.deepEqual(ends, Array(calls - fitting).fill(constants.NGHTTP2_ENHANCE_YOUR_CALM));
  });

  it('leave the budget free when they are read', async () => {
    await using served = await serveNotes(
      { get: async () => note('', new Uint8Array(mebibyte)) },
      { maxUnsentBytes: 2 * mebibyte, stalledStreamMs: 5_000 },
    );
    const responses = await Promise.all(Array.from({ length: 40 }, () => served.client.get({})));
    assert.equal(responses.length, 40);
    assert.ok(responses.every(({ blob }) => blob.length === mebibyte));
  });
});

overEachTransport('a stream of requests that are not read', (transport) => {
  const { serveNotes, requestWindowBytes, responseWindowBytes } = transport;
  /** The stream's window, what may be sent again when the connection was closed unseen, and one in each hand. */
  const readAheadBytes = requestWindowBytes + 65_535;
  const messageBytes = 10_000;
  const inHands = 4;
  /** Node 22 raised from 16 KiB what its streams buffer of what they are given; an echo passes through one. */
  const bufferedBytes = getDefaultHighWaterMark(false) - 16_384;

  it('is pulled no further than its window', async () => {
    let pulled = 0;
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using served = await serveNotes({
      async collect(requests) {
        await gate;
        let count = 0;
        for await (const _ of requests) count++;
        return note(`${count}`);
      },
    });
    async function* many(): AsyncIterable<Note> {
      for (; pulled < 1_000; pulled++) yield note('', new Uint8Array(messageBytes));
    }
    const answer = served.client.collect(many());
    await waitUntil('the stream has started', () => pulled > 0);
    const still = await waitUntilStill(() => pulled, 200);
    assert.ok(still <= readAheadBytes / messageBytes + inHands, `${still} messages`);
    release();
    assert.equal((await answer).text, '1000');
  });

  it('holds back an echo whose responses nobody reads, and lets it go on', async () => {
    let pulled = 0;
    await using served = await serveNotes();
    async function* endless(): AsyncIterable<Note> {
      for (;;) yield note(`${++pulled}`, new Uint8Array(messageBytes));
    }
    const echo = served.client.echo(endless())[Symbol.asyncIterator]();
    assert.equal((await echo.next()).value?.text, '1');
    const still = await waitUntilStill(() => pulled, 200);
    assert.ok(
      still <= (readAheadBytes + responseWindowBytes + bufferedBytes) / messageBytes + 2 * inHands,
      `${still} messages`,
    );
    for (let i = 2; i <= 200; i++) assert.equal((await echo.next()).value?.text, `${i}`);
    assert.ok(pulled - 200 <= still);
    await echo.return?.();
  });
});

/** Connections of a channel that come late, end, refuse or have no room, and what becomes of its calls. */
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, it } from 'node:test';
import { type Channel, type ChannelOptions, type Client, createChannel, createClient } from '../src/index.ts';
import { answerWith, type Behaviour, misbehave } from './misbehaving-server.ts';
import { note, noteCodec, noteService, notes, textsOf } from './note-service.ts';
import { frame } from './raw-call.ts';
import { RawPeer, rawGoAway, rawPreface, rawSettings } from './raw-http2-peer.ts';
import { failureOf, waitUntil } from './wait-until.ts';

const hi = frame(noteCodec.encode(note('hi')));
const answer = answerWith(hi);
/** What servers that are to be found again soon are looked for by. */
const soon: ChannelOptions = { backoff: { initialMs: 10, maxMs: 50 } };

interface Opened extends Disposable {
  readonly client: Client<typeof noteService>;
  readonly channel: Channel;
}

function open(target: number | string, options: ChannelOptions = soon): Opened {
  const channel = createChannel(typeof target === 'number' ? `127.0.0.1:${target}` : target, options);
  return { channel, client: createClient(noteService, channel), [Symbol.dispose]: () => channel.close() };
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Holds calls until it is told to answer them. */
function holding() {
  const held: ServerHttp2Stream[] = [];
  const behaviour: Behaviour = (stream) => held.push(stream.resume());
  const release = () => {
    for (const stream of held.splice(0)) answer(stream, {}, stream.session as never);
  };
  return { held, behaviour, release };
}

describe('a channel without a server', () => {
  it('fails calls at once, and says why', async () => {
    using opened = open(await freePort(), {});
    const first = await failureOf(opened.client.get({}));
    assert.equal(first.status, 'UNAVAILABLE');
    assert.match(first.message, /ECONNREFUSED/);
    const second = await failureOf(textsOf(opened.client.list({})));
    assert.match(second.message, /ECONNREFUSED/);
    assert.match((await failureOf(opened.channel.ready(50))).message, /50 ms.*ECONNREFUSED/);
  });

  it('fails calls to a name that nobody knows', async () => {
    using opened = open('host.invalid:1');
    const failure = await failureOf(opened.client.get({}));
    assert.equal(failure.status, 'UNAVAILABLE');
    assert.match(failure.message, /host\.invalid/);
  });

  it('lets calls wait that ask for it, in order, until there is one', async () => {
    const port = await freePort();
    using opened = open(port);
    assert.equal((await failureOf(opened.client.get({}))).status, 'UNAVAILABLE');
    const ended: string[] = [];
    const waiting = ['a', 'b', 'c'].map(async (text) => {
      await opened.client.get({ text }, { waitForReady: true });
      ended.push(text);
    });
    const stream = textsOf(opened.client.echo(notes('x'), { waitForReady: true }));
    await using _server = await misbehave(answer, { port });
    await Promise.all(waiting);
    assert.deepEqual(ended, ['a', 'b', 'c']);
    assert.deepEqual(await stream, ['hi']);
  });

  it('ends calls that wait by their deadline, their signal, and its own end', async () => {
    using opened = open(await freePort());
    const waitForReady = true;
    const late = failureOf(opened.client.get({}, { waitForReady, timeoutMs: 30 }));
    const caller = new AbortController();
    const cancelled = failureOf(opened.client.get({}, { waitForReady, signal: caller.signal }));
    const closed = failureOf(opened.client.get({}, { waitForReady }));
    assert.equal((await late).status, 'DEADLINE_EXCEEDED');
    caller.abort();
    assert.equal((await cancelled).status, 'CANCELLED');
    opened.channel.close();
    assert.match((await closed).message, /the channel is closed/);
  });

  it('finds a server that is there again, on the same port', async () => {
    const port = await freePort();
    using opened = open(port);
    for (let life = 0; life < 3; life++) {
      await using server = await misbehave(answer, { port });
      await opened.channel.ready(5_000);
      assert.equal((await opened.client.get({})).text, 'hi');
      assert.equal(server.sessions.length, 1);
    }
    assert.equal((await failureOf(opened.client.get({}))).status, 'UNAVAILABLE');
  });
});

describe('a connection that ends', () => {
  it('fails the calls that the server may have seen', async () => {
    const { held, behaviour } = holding();
    await using server = await misbehave(behaviour);
    using opened = open(server.port);
    const calls = [failureOf(opened.client.get({})), failureOf(textsOf(opened.client.list({})))];
    await waitUntil('both are there', () => held.length === 2);
    for (const session of server.sessions) session.destroy();
    for (const call of calls) assert.match((await call).status, /UNAVAILABLE|INTERNAL/);
    assert.equal(server.sessions.length, 1);
  });

  it('by GOAWAY lets its open calls come to their end, while new ones take another', async () => {
    const { held, behaviour, release } = holding();
    await using server = await misbehave(behaviour);
    using opened = open(server.port);
    const before = [opened.client.get({}), textsOf(opened.client.list({}))];
    await waitUntil('both are there', () => held.length === 2);
    server.sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR);
    const pinged = new Promise((resolve) => server.sessions[0]?.ping(resolve));
    await pinged;
    const after = opened.client.get({});
    await waitUntil('the third is there', () => held.length === 3);
    assert.equal(server.sessions.length, 2);
    assert.equal(held[2]?.session, server.sessions[1]);
    release();
    await Promise.all([...before, after]);
  });

  it('by GOAWAY again and again fails no call of many', async () => {
    let calls = 0;
    const behaviour: Behaviour = (stream, headers, socket) => {
      answer(stream, headers, socket);
      // What node:http2 calls a graceful end: what was begun is answered.
      if (++calls % 50 === 0) stream.session?.close();
    };
    await using server = await misbehave(behaviour);
    using opened = open(server.port);
    const worker = async () => {
      for (let i = 0; i < 50; i++) assert.equal((await opened.client.get({})).text, 'hi');
    };
    await Promise.all(Array.from({ length: 20 }, worker));
    assert.ok(server.sessions.length > 5, `${server.sessions.length} connections`);
  });

  it('by GOAWAY before it has seen a call sends that call over another', async () => {
    await using server = await misbehave(answer);
    const doomed = createTcpServer((socket) => {
      const peer = new RawPeer(socket, rawPreface.length);
      peer.send(rawSettings());
      peer.next('HEADERS').then(
        () => peer.send(rawGoAway(0)),
        () => {},
      );
    }).listen(0, '127.0.0.1');
    await once(doomed, 'listening');
    const { port } = doomed.address() as AddressInfo;
    // By turns: half of the calls go to the doomed server first.
    using opened = open(`ipv4:127.0.0.1:${port},127.0.0.1:${server.port}`);
    const calls = Array.from({ length: 10 }, () => opened.client.get({}));
    for (const call of calls) assert.equal((await call).text, 'hi');
    doomed.close();
  });
});

describe('a stream that the server refuses', () => {
  /** Refuses as many of the first streams. */
  function refusing(count: number): { readonly behaviour: Behaviour; readonly bodies: string[] } {
    const bodies: string[] = [];
    let left = count;
    const behaviour: Behaviour = (stream, headers, socket) => {
      if (left-- > 0) {
        stream.close(constants.NGHTTP2_REFUSED_STREAM);
        return;
      }
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        bodies.push(Buffer.concat(chunks).toString('hex'));
        answer(stream, headers, socket);
      });
    };
    return { behaviour, bodies };
  }

  it('is begun again, with all that was sent', async () => {
    const { behaviour, bodies } = refusing(1);
    await using server = await misbehave(behaviour);
    using opened = open(server.port);
    assert.equal((await opened.client.get({ text: 'unary' })).text, 'hi');
    assert.equal(bodies.pop(), frame(noteCodec.encode(note('unary'))).toString('hex'));
    for (const requests of [notes('a', 'b', 'c'), notes()]) {
      const again = refusing(1);
      await using another = await misbehave(again.behaviour);
      using client = open(another.port);
      const sent = ['a', 'b', 'c'].map((text) => frame(noteCodec.encode(note(text))).toString('hex'));
      assert.deepEqual(await textsOf(client.client.echo(requests)), ['hi']);
      assert.ok([sent.join(''), ''].includes(again.bodies.pop() ?? '-'));
    }
  });

  it('is sent whole though the answer begins before all of it was sent again', async () => {
    const three = notes('a', 'b', 'c');
    const sent = ['a', 'b', 'c'].map((text) => frame(noteCodec.encode(note(text))));
    const bodies: string[] = [];
    let streams = 0;
    const behaviour: Behaviour = (stream) => {
      const { session } = stream;
      const refused = streams++ === 0;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (!refused || Buffer.concat(chunks).length < Buffer.concat(sent).length) return;
        session?.settings({ initialWindowSize: 0 });
        stream.close(constants.NGHTTP2_REFUSED_STREAM);
      });
      if (refused) return;
      stream.on('end', () => {
        bodies.push(Buffer.concat(chunks).toString('hex'));
        stream.end();
      });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.write(hi);
    };
    await using server = await misbehave(behaviour);
    using opened = open(server.port);
    const responses = opened.client.echo(three)[Symbol.asyncIterator]();
    assert.equal((await responses.next()).value?.text, 'hi');
    server.sessions[0]?.settings({ initialWindowSize: 65_535 });
    assert.ok((await responses.next()).done);
    assert.deepEqual(bodies, [Buffer.concat(sent).toString('hex')]);
  });

  it('fails when it is refused a second time', async () => {
    const { behaviour } = refusing(2);
    await using server = await misbehave(behaviour);
    using opened = open(server.port);
    const failure = await failureOf(opened.client.get({}));
    assert.equal(failure.status, 'UNAVAILABLE');
    assert.match(failure.message, /REFUSED_STREAM/);
    assert.equal((await opened.client.get({})).text, 'hi');
  });

  it('fails when more of its requests was sent than is kept', async () => {
    let received = 0;
    let streams = 0;
    const behaviour: Behaviour = (stream) => {
      streams++;
      stream.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received > 100_000) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      });
    };
    await using server = await misbehave(behaviour);
    using opened = open(server.port);
    async function* large() {
      for (let i = 0; i < 20; i++) yield note('', new Uint8Array(10_000));
    }
    assert.equal((await failureOf(opened.client.collect(large()))).status, 'UNAVAILABLE');
    assert.equal(streams, 1);
  });
});

describe('a server that takes few calls at once', () => {
  it('is given as many, and the others in order', async () => {
    const { held, behaviour } = holding();
    await using server = await misbehave(behaviour, { settings: { maxConcurrentStreams: 2 } });
    using opened = open(server.port);
    await opened.channel.ready(5_000);
    const ended: number[] = [];
    const calls = Array.from({ length: 6 }, async (_, i) => {
      await opened.client.get({ text: `${i}` });
      ended.push(i);
    });
    for (let i = 0; i < 6; i++) {
      await waitUntil('there are as many as may be', () => held.length === Math.min(2, 6 - i));
      const [stream] = held.splice(0, 1);
      assert.ok(stream);
      answer(stream, {}, stream.session as never);
      await waitUntil('one has ended', () => ended.length === i + 1);
    }
    await Promise.all(calls);
    assert.deepEqual(ended, [0, 1, 2, 3, 4, 5]);
    assert.equal(server.sessions.length, 1);
  });

  it('may take none for a while', async () => {
    let session: ServerHttp2Session | undefined;
    await using server = await misbehave(answer, { settings: { maxConcurrentStreams: 0 } });
    server.server.on('session', (one) => {
      session = one;
    });
    using opened = open(server.port);
    await opened.channel.ready(5_000);
    const late = await failureOf(opened.client.get({}, { timeoutMs: 30 }));
    assert.equal(late.status, 'DEADLINE_EXCEEDED');
    const call = opened.client.get({});
    const caller = new AbortController();
    const cancelled = failureOf(opened.client.get({}, { signal: caller.signal }));
    caller.abort();
    assert.equal((await cancelled).status, 'CANCELLED');
    session?.settings({ maxConcurrentStreams: 1 });
    assert.equal((await call).text, 'hi');
  });
});

describe('a target of several addresses', () => {
  it('gives calls to each by turns, and to those that are left when one is gone', async () => {
    await using first = await misbehave(answer);
    const counts = new Map<number, number>();
    const counting: Behaviour = (stream, headers, socket) => {
      const port = socket.localPort ?? 0;
      counts.set(port, (counts.get(port) ?? 0) + 1);
      answer(stream, headers, socket);
    };
    const servers = [await misbehave(counting), await misbehave(counting)];
    using opened = open(`ipv4:${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`);
    await waitUntil('both are connected', () => {
      void opened.channel.ready(5_000).catch(() => {});
      return servers.every(({ sessions }) => sessions.length > 0);
    });
    while (counts.size < 2) await opened.client.get({});
    counts.clear();
    for (let i = 0; i < 10; i++) await opened.client.get({});
    assert.deepEqual([...counts.values()], [5, 5]);
    await servers[0]?.[Symbol.asyncDispose]();
    await waitUntil('the other takes all', () => {
      counts.clear();
      return true;
    });
    for (let i = 0; i < 10; i++) {
      await opened.client.get({}).catch(() => {});
    }
    assert.ok((counts.get(servers[1]?.port ?? 0) ?? 0) >= 9);
    await servers[1]?.[Symbol.asyncDispose]();
    assert.equal(first.sessions.length, 0);
  });

  it('may be a name', async () => {
    await using server = await misbehave(answer);
    for (const target of [`localhost:${server.port}`, `dns:///localhost:${server.port}`]) {
      using opened = open(target);
      assert.equal((await opened.client.get({})).text, 'hi');
    }
  });
});

describe('a reset with CANCEL', () => {
  it('is the deadline when that is over or nearly so, else a cancellation', async () => {
    await using server = await misbehave((stream) => {
      // As node:http2 has it: no frame before the reset.
      stream.close(constants.NGHTTP2_CANCEL);
    });
    using opened = open(server.port);
    await opened.channel.ready(5_000);
    assert.equal((await failureOf(opened.client.get({}, { timeoutMs: 15 }))).status, 'DEADLINE_EXCEEDED');
    assert.equal((await failureOf(opened.client.get({}, { timeoutMs: 60_000 }))).status, 'CANCELLED');
    assert.equal((await failureOf(opened.client.get({}))).status, 'CANCELLED');
  });
});

describe('the signal of a caller', () => {
  it('is listened to as long as the call is open', async () => {
    const { held, behaviour, release } = holding();
    await using server = await misbehave(behaviour);
    using opened = open(server.port);
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, 'abort').length;
    const calls = [
      opened.client.get({}, { signal }),
      textsOf(opened.client.list({}, { signal })),
      opened.client.collect(notes('a'), { signal }),
    ];
    await waitUntil('all are there', () => held.length === 3);
    assert.equal(listeners(), 3);
    release();
    await Promise.all(calls);
    assert.equal(listeners(), 0);
    const left = opened.client.list({}, { signal })[Symbol.asyncIterator]();
    const next = left.next();
    await waitUntil('it is there', () => held.length === 1);
    await left.return?.();
    assert.deepEqual(await next, { done: true, value: undefined });
    assert.equal(listeners(), 0);
  });

  it('resets the stream of its call and no other', async () => {
    const { held, behaviour, release } = holding();
    await using server = await misbehave(behaviour);
    using opened = open(server.port);
    const caller = new AbortController();
    const cancelled = failureOf(opened.client.get({}, { signal: caller.signal }));
    const other = opened.client.get({});
    await waitUntil('both are there', () => held.length === 2);
    const [stream] = held.splice(0, 1);
    assert.ok(stream);
    const closed = once(stream, 'close');
    const reason = new Error('enough');
    caller.abort(reason);
    const failure = await cancelled;
    assert.equal(failure.status, 'CANCELLED');
    assert.equal(failure.cause, reason);
    await closed;
    assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
    release();
    assert.equal((await other).text, 'hi');
    caller.abort();
  });
});

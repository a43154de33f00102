/** What a channel sends and takes besides messages, and what may be set of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createGrpcJsServer } from '../src/grpc-js/index.ts';
import {
  type ChannelOptions,
  type ClientCallContext,
  type ClientInterceptor,
  createChannel,
  createClient,
  createServer,
  type MessageCodec,
  Metadata,
  type Server,
  StatusError,
} from '../src/index.ts';
import { answerWith, misbehave } from './misbehaving-server.ts';
import { note, noteCodec, noteService, notes, plainHandlers, textsOf } from './note-service.ts';
import { frame } from './raw-call.ts';
import { failureOf, waitUntil } from './wait-until.ts';

const hi = frame(noteCodec.encode(note('hi')));

function open(target: number | string, options: ChannelOptions = {}) {
  const channel = createChannel(typeof target === 'number' ? `127.0.0.1:${target}` : target, options);
  return { channel, client: createClient(noteService, channel), [Symbol.dispose]: () => channel.close() };
}

/** A server that keeps what the requests begin with. */
async function observe() {
  const seen: IncomingHttpHeaders[] = [];
  const server = await misbehave((stream, headers, socket) => {
    seen.push(headers);
    answerWith(hi)(stream, headers, socket);
  });
  return { seen, port: server.port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A program that makes one call and leaves its channel open. */
async function runIdleCaller(port: number, ...healthCheck: string[]) {
  const program = fileURLToPath(new URL('./idle-caller.js', import.meta.url));
  const args = [program, `${port}`, ...healthCheck];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

describe('the head of a request', () => {
  it('is what the gRPC specification asks for', async () => {
    await using server = await observe();
    using opened = open(server.port);
    await opened.client.get({});
    const [headers] = server.seen;
    assert.equal(headers?.[':method'], 'POST');
    assert.equal(headers?.[':scheme'], 'http');
    assert.equal(headers?.[':path'], '/test.Notes/Get');
    assert.equal(headers?.[':authority'], `127.0.0.1:${server.port}`);
    assert.equal(headers?.te, 'trailers');
    assert.equal(headers?.['content-type'], 'application/grpc');
    assert.equal(headers?.['grpc-accept-encoding'], 'identity,gzip');
    assert.match(headers?.['user-agent'] ?? '', /^grpc-/);
    assert.equal(headers?.['grpc-timeout'], undefined);
    assert.equal(headers?.['grpc-encoding'], undefined);
  });

  it('holds what is set of the call and of the channel', async () => {
    await using server = await observe();
    using opened = open(server.port, { authority: 'db.test', compression: 'gzip' });
    const metadata = new Metadata();
    metadata.set('x-bytes-bin', Uint8Array.of(255, 0));
    metadata.add('x-text', 'a');
    metadata.add('x-text', 'b');
    metadata.set('grpc-status', '7');
    await opened.client.get({}, { metadata, timeoutMs: 5_000 });
    const [headers] = server.seen;
    assert.equal(headers?.[':authority'], 'db.test');
    assert.equal(headers?.['x-bytes-bin'], '/wA');
    assert.equal(headers?.['x-text'], 'a, b');
    assert.equal(headers?.['grpc-status'], undefined);
    assert.equal(headers?.['grpc-encoding'], 'gzip');
    const [, left = '0'] = /^(\d+)m$/.exec(`${headers?.['grpc-timeout']}`) ?? [];
    assert.ok(Number(left) > 3_000 && Number(left) <= 5_000, `${headers?.['grpc-timeout']}`);
  });

  it('of two calls is never that of the other', async () => {
    await using server = await observe();
    using opened = open(server.port);
    const calls = Array.from({ length: 50 }, (_, i) => {
      const metadata = new Metadata();
      metadata.set('x-number', `${i}`);
      return i % 2 ? opened.client.get({}, { metadata }) : textsOf(opened.client.list({}, { metadata }));
    });
    await Promise.all(calls);
    for (const [i, headers] of server.seen.entries()) {
      assert.equal(headers['x-number'], `${i}`);
      assert.equal(headers[':path'], i % 2 ? '/test.Notes/Get' : '/test.Notes/List');
    }
  });
});

describe('the head of a response', () => {
  it('is told once, before the first message, and not when there was none', async () => {
    const respond = { ':status': 200, 'content-type': 'application/grpc', 'x-a': '1', 'x-b-bin': 'AQI' };
    await using server = await misbehave((stream, headers) => {
      if (headers[':path'] === '/test.Notes/Collect') {
        stream.respond({ ...respond, 'grpc-status': '5' }, { endStream: true });
        return;
      }
      stream.respond(respond, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(hi);
    });
    using opened = open(server.port);
    const told: string[] = [];
    const onHeaders = (headers: Metadata) => told.push(`${headers.text('x-a')} ${headers.bytes('x-b-bin')}`);
    await opened.client.get({}, { onHeaders });
    for await (const { text } of opened.client.list({}, { onHeaders })) told.push(text);
    await failureOf(opened.client.collect(notes('a'), { onHeaders }));
    assert.deepEqual(told, ['1 1,2', '1 1,2', 'hi']);
  });
});

describe('compression', () => {
  const large = note('large', new Uint8Array(200_000).fill(1));

  for (const [name, create] of [
    ['our server', createServer],
    ['grpc-js', createGrpcJsServer],
  ] as const) {
    it(`makes requests smaller for ${name}`, async () => {
      const server: Server = create();
      server.add(noteService, plainHandlers);
      const port = await server.listen('127.0.0.1', 0);
      using opened = open(port, { compression: 'gzip' });
      assert.deepEqual(await opened.client.get(large), large);
      async function* several() {
        yield note('small');
        yield large;
        yield note('small');
      }
      const got = [];
      for await (const one of opened.client.echo(several())) got.push(one.blob.length);
      assert.deepEqual(got, [0, 200_000, 0]);
      await server.stop(0);
    });
  }

  it('of responses is undone, whether they are small or large', async () => {
    const server = createServer({ compressFromBytes: 10 });
    server.add(noteService, plainHandlers);
    const port = await server.listen('127.0.0.1', 0);
    using opened = open(port);
    assert.deepEqual(await opened.client.get(large), large);
    const texts = ['a'.repeat(1_000), 'b', 'c'.repeat(100_000), 'd'.repeat(20)];
    assert.deepEqual(await textsOf(opened.client.echo(notes(...texts))), texts);
    await server.stop(0);
  });
});

describe('a Unix socket', () => {
  it('is a target', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'connections-grpc-unix-'));
    const server = createServer();
    server.add(noteService, plainHandlers);
    await server.listenUnix(join(folder, 'notes.sock'));
    using opened = open(`unix:${join(folder, 'notes.sock')}`);
    assert.equal((await opened.client.get({ text: 'hi' })).text, 'hi');
    await server.stop(0);
    rmSync(folder, { recursive: true });
  });
});

describe('interceptors of a channel', () => {
  async function withInterceptors(...interceptors: ClientInterceptor[]) {
    const server = await observe();
    return { ...server, ...open(server.port, { interceptors }) };
  }

  it('run around calls of every shape, the first outermost, and add metadata', async () => {
    const log: string[] = [];
    const tracing =
      (name: string): ClientInterceptor =>
      async (call, proceed) => {
        log.push(`${name} before`);
        call.metadata.add('x-by', name);
        await proceed();
        log.push(`${name} after`);
      };
    const { client, seen, channel, ...server } = await withInterceptors(tracing('outer'), tracing('inner'));
    const metadata = new Metadata();
    metadata.set('x-by', 'caller');
    await client.get({}, { metadata });
    await textsOf(client.list({}, { metadata }));
    const once = ['outer before', 'inner before', 'inner after', 'outer after'];
    assert.deepEqual(log, [...once, ...once]);
    for (const headers of seen) assert.equal(headers['x-by'], 'caller, outer, inner');
    assert.deepEqual([...metadata], [['x-by', ['caller']]]);
    channel.close();
    await server[Symbol.asyncDispose]();
  });

  it('refuse, map failures, and see a stream that its reader left as over', async () => {
    const seen: ClientCallContext[] = [];
    let over = 0;
    const interceptor: ClientInterceptor = async (call, proceed) => {
      seen.push(call);
      if (call.timeoutMs === 1) throw new StatusError('PERMISSION_DENIED', 'not now');
      await proceed().catch((cause: unknown) => {
        throw new StatusError('ABORTED', 'mapped', { cause });
      });
      over++;
    };
    const server = createServer();
    server.add(noteService, {
      ...plainHandlers,
      get: async () => {
        throw new StatusError('NOT_FOUND', 'gone');
      },
      collect: async () => {
        throw new StatusError('NOT_FOUND', 'gone');
      },
    });
    const port = await server.listen('127.0.0.1', 0);
    using opened = open(port, { interceptors: [interceptor] });
    const { client } = opened;
    assert.equal((await failureOf(client.get({}, { timeoutMs: 1 }))).status, 'PERMISSION_DENIED');
    assert.equal((await failureOf(textsOf(client.list({}, { timeoutMs: 1 })))).status, 'PERMISSION_DENIED');
    assert.equal((await failureOf(client.get({}))).message, 'mapped');
    assert.equal((await failureOf(client.collect(notes('a')))).message, 'mapped');
    for await (const _ of client.list({ text: '1000' })) break;
    await waitUntil('it is over', () => over === 1);
    assert.equal(seen[0]?.method, '/test.Notes/Get');
    await server.stop(0);
  });

  it('that do not proceed fail the call', async () => {
    const { client, channel, seen, ...server } = await withInterceptors(async () => {});
    assert.equal((await failureOf(client.get({}))).status, 'INTERNAL');
    assert.equal((await failureOf(textsOf(client.list({})))).status, 'INTERNAL');
    assert.equal(seen.length, 0);
    channel.close();
    await server[Symbol.asyncDispose]();
  });
});

describe('the health of servers', () => {
  const byte: MessageCodec<number> = {
    encode: (status) => Uint8Array.of(8, status),
    decode: (bytes) => bytes.length,
    create: Number,
  };
  const healthService = {
    fullName: 'grpc.health.v1.Health',
    methods: {
      watch: {
        path: '/grpc.health.v1.Health/Watch',
        requestStream: false,
        responseStream: true,
        request: byte,
        response: byte,
      },
    },
  } as const;
  const [serving, notServing] = [1, 2];

  /** Says `status()` to whoever watches, and again whenever `tell` is called. */
  async function healthy(name: string, first: number) {
    const server = createServer();
    let status = first;
    let tell = () => {};
    let asked = 0;
    server.add(healthService, {
      async *watch(request, { signal }) {
        asked = request;
        for (;;) {
          yield status;
          await new Promise<void>((resolve) => {
            tell = resolve;
            signal.addEventListener('abort', () => resolve());
          });
          if (signal.aborted) return;
        }
      },
    });
    server.add(noteService, { ...plainHandlers, get: async () => note(name) });
    const port = await server.listen('127.0.0.1', 0);
    return {
      port,
      become(next: number) {
        status = next;
        tell();
      },
      asked: () => asked,
      [Symbol.asyncDispose]: () => server.stop(0),
    };
  }

  it('decides who gets calls', async () => {
    await using a = await healthy('a', serving);
    await using b = await healthy('b', notServing);
    using opened = open(`ipv4:127.0.0.1:${a.port},127.0.0.1:${b.port}`, { healthCheck: 'test.Notes' });
    const answers = async () => {
      const texts = new Set<string>();
      for (let i = 0; i < 4; i++) texts.add((await opened.client.get({}, { waitForReady: true })).text);
      return [...texts].sort().join();
    };
    assert.equal(await answers(), 'a');
    await waitUntil('b was asked', () => b.asked() > 0);
    assert.equal(a.asked(), 2 + 'test.Notes'.length, 'the name of the service');
    b.become(serving);
    while ((await answers()) !== 'a,b');
    a.become(notServing);
    while ((await answers()) !== 'b');
    b.become(notServing);
    let failure = '';
    while (failure === '') {
      failure = await opened.client.get({}).then(
        () => '',
        (error: StatusError) => `${error.status} ${error.message}`,
      );
    }
    assert.match(failure, /UNAVAILABLE.*test\.Notes/);
    a.become(serving);
    assert.equal(await answers(), 'a');
  });

  it('is asked for without keeping the process alive', async () => {
    await using a = await healthy('a', serving);
    const { code, said } = await runIdleCaller(a.port, 'test.Notes');
    assert.deepEqual({ code, said }, { code: 0, said: 'answered\n' });
  });

  it('is taken for good where they do not tell it', async () => {
    const server = createGrpcJsServer();
    server.add(noteService, plainHandlers);
    const port = await server.listen('127.0.0.1', 0);
    using opened = open(port, { healthCheck: '' });
    assert.equal((await opened.client.get({ text: 'hi' })).text, 'hi');
    await server.stop(0);
  });
});

describe('a process', () => {
  it('ends though its channel is open, and not before its calls have', async () => {
    const server = createServer();
    server.add(noteService, {
      ...plainHandlers,
      async get(request) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return request;
      },
    });
    const port = await server.listen('127.0.0.1', 0);
    const { code, said } = await runIdleCaller(port);
    assert.equal(code, 0);
    assert.equal(said, 'answered\n');
    await server.stop(0);
  });
});

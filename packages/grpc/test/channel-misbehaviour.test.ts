/** What a channel makes of servers that do not answer as gRPC servers do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp1Server } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  type ChannelOptions,
  type Client,
  createChannel,
  createClient,
  type FailureStatus,
  type StatusError,
} from '../src/index.ts';
import { answerWith, type Behaviour, misbehave } from './misbehaving-server.ts';
import { note, noteCodec, noteService, notes, textsOf } from './note-service.ts';
import { frame } from './raw-call.ts';
import { failureOf } from './wait-until.ts';

const hi = frame(noteCodec.encode(note('hi')));
const grpcHead = { ':status': 200, 'content-type': 'application/grpc' };
type NoteClient = Client<typeof noteService>;

function openClient(port: number, options: ChannelOptions = {}): { client: NoteClient } & Disposable {
  const channel = createChannel(`127.0.0.1:${port}`, options);
  return { client: createClient(noteService, channel), [Symbol.dispose]: () => channel.close() };
}

/** How the same call fails in its four shapes. */
function eachShape(client: NoteClient): [string, Promise<StatusError>][] {
  return [
    ['get', failureOf(client.get({}))],
    ['list', failureOf(textsOf(client.list({})))],
    ['collect', failureOf(client.collect(notes('a')))],
    ['echo', failureOf(textsOf(client.echo(notes('a'))))],
  ];
}

function headThen(act: (stream: ServerHttp2Stream) => void): Behaviour {
  return (stream) => {
    stream.respond(grpcHead);
    stream.write(hi, () => act(stream));
  };
}

const wrong: readonly [string, Behaviour, FailureStatus, RegExp][] = [
  [
    'an HTTP status that is not 200',
    (stream) => stream.respond({ ':status': 503, 'content-type': 'text/html' }, { endStream: true }),
    'UNAVAILABLE',
    /HTTP status 503/,
  ],
  [
    'an HTTP status and a page',
    (stream) => {
      stream.respond({ ':status': 404, 'content-type': 'text/html' });
      stream.end('<p>not here');
    },
    'UNIMPLEMENTED',
    /HTTP status 404/,
  ],
  [
    'another content type',
    (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<p>hello');
    },
    'UNKNOWN',
    /text\/html/,
  ],
  [
    'no status at all',
    (stream) => stream.respond(grpcHead, { endStream: true }),
    'INTERNAL',
    /without a status/,
  ],
  [
    'messages and no trailers',
    (stream) => {
      stream.respond(grpcHead);
      stream.end(hi);
    },
    'INTERNAL',
    /without a status/,
  ],
  [
    'trailers without a status',
    (stream) => {
      stream.respond(grpcHead, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-other': '1' }));
      stream.end(hi);
    },
    'INTERNAL',
    /without a status/,
  ],
  [
    'a status that is no number',
    (stream) => stream.respond({ ...grpcHead, 'grpc-status': 'ok' }, { endStream: true }),
    'UNKNOWN',
    /^/,
  ],
  ['a message that is cut short', answerWith(hi.subarray(0, hi.length - 1)), 'INTERNAL', /cannot be decoded/],
  ['a prefix that is cut short', answerWith(hi, Buffer.of(0, 0)), 'INTERNAL', /cannot be decoded/],
  [
    'a message with an unknown flag',
    answerWith(Buffer.concat([Buffer.of(2), hi.subarray(1)])),
    'INTERNAL',
    /byte 2/,
  ],
  [
    'a message that its codec does not take',
    answerWith(frame(Uint8Array.of(0, 0, 0, 9))),
    'INTERNAL',
    /cannot be decoded/,
  ],
  [
    'an encoding that was not asked for',
    (stream) => {
      stream.respond({ ...grpcHead, 'grpc-encoding': 'snappy' });
      stream.end(hi);
    },
    'INTERNAL',
    /snappy/,
  ],
  [
    'bytes that are not gzip though they say so',
    (stream) => {
      stream.respond({ ...grpcHead, 'grpc-encoding': 'gzip' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.concat([Buffer.of(1), hi.subarray(1)]));
    },
    'INTERNAL',
    /gzip/,
  ],
  [
    'a message that becomes larger than allowed when it is inflated',
    (stream) => {
      stream.respond({ ...grpcHead, 'grpc-encoding': 'gzip' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const bomb = frame(gzipSync(Buffer.alloc(100_000)));
      bomb[0] = 1;
      stream.end(bomb);
    },
    'RESOURCE_EXHAUSTED',
    /./,
  ],
  [
    'a message larger than allowed, which it only announces',
    headThen((stream) => stream.write(Buffer.of(0, 0, 1, 0, 0))),
    'RESOURCE_EXHAUSTED',
    /65536/,
  ],
  [
    'metadata larger than allowed',
    (stream) => stream.respond({ ...grpcHead, 'x-large': 'x'.repeat(10_000) }),
    'RESOURCE_EXHAUSTED',
    /metadata/,
  ],
  [
    'a reset before its head',
    (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    'INTERNAL',
    /INTERNAL_ERROR/,
  ],
  [
    'a reset after its head',
    (stream) => {
      stream.respond(grpcHead);
      setImmediate(() => stream.destroy(new Error('reset')));
    },
    'INTERNAL',
    /INTERNAL_ERROR/,
  ],
  [
    'a reset after a message',
    headThen((stream) => stream.destroy(new Error('reset'))),
    'INTERNAL',
    /INTERNAL_ERROR/,
  ],
  ['the loss of the connection', (_stream, _headers, socket) => socket.destroy(), 'UNAVAILABLE', /./],
];

describe('a channel', () => {
  for (const [what, behaviour, status, message] of wrong) {
    it(`fails calls of every shape with ${status} for ${what}`, async () => {
      await using server = await misbehave(behaviour);
      using open = openClient(server.port, { maxMessageBytes: 65_535 });
      for (const [shape, failing] of eachShape(open.client)) {
        const failure = await failing;
        assert.equal(failure.status, status, `${shape}: ${failure.message}`);
        assert.match(failure.message, message, shape);
      }
    });
  }

  it('takes a status of a failure whose head says nothing else', async () => {
    const head = { ...grpcHead, 'grpc-status': '5', 'grpc-message': 'no such %C3%BC' };
    await using server = await misbehave((stream) => stream.respond(head, { endStream: true }));
    using open = openClient(server.port);
    for (const [, failing] of eachShape(open.client)) {
      const failure = await failing;
      assert.equal(failure.status, 'NOT_FOUND');
      assert.equal(failure.message, 'no such ü');
    }
  });

  it('fails a call that has one response and is sent another number, and takes no more of it', async () => {
    let after = 0;
    for (const [count, status] of [
      [0, 'UNIMPLEMENTED'],
      [2, 'UNIMPLEMENTED'],
    ] as const) {
      await using server = await misbehave((stream, headers, socket) => {
        answerWith(...Array.from({ length: count }, () => hi))(stream, headers, socket);
        after++;
      });
      using open = openClient(server.port);
      assert.equal((await failureOf(open.client.get({}))).status, status);
      assert.equal((await failureOf(open.client.collect(notes('a')))).status, status);
      assert.equal((await textsOf(open.client.list({}))).length, count);
    }
    assert.equal(after, 6);
  });

  it('takes messages in pieces of any size, and several in one', async () => {
    const large = frame(noteCodec.encode(note('large', new Uint8Array(300_000).fill(7))));
    await using server = await misbehave((stream) => {
      stream.respond(grpcHead, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const writeFrom = (at: number): void => {
        if (at < hi.length) stream.write(hi.subarray(at, at + 1), () => writeFrom(at + 1));
        else stream.end(Buffer.concat([hi, hi, large, hi]));
      };
      writeFrom(0);
    });
    using open = openClient(server.port);
    assert.deepEqual(await textsOf(open.client.list({})), ['hi', 'hi', 'hi', 'large', 'hi']);
  });

  it('takes a unary response larger than any window, in pieces', async () => {
    const blob = new Uint8Array(3_000_000).map((_, i) => i);
    await using server = await misbehave(answerWith(frame(noteCodec.encode(note('large', blob)))));
    using open = openClient(server.port);
    assert.deepEqual((await open.client.get({})).blob, blob);
  });

  it('says so when the server speaks HTTP/1', async () => {
    const server = createHttp1Server((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    using open = openClient((server.address() as AddressInfo).port);
    const failure = await failureOf(open.client.get({}));
    assert.equal(failure.status, 'UNAVAILABLE');
    assert.match(failure.message, /HTTP\/1/);
    server.closeAllConnections();
    server.close();
  });

  it('gives a server up that takes the connection and says nothing', async () => {
    const server = createTcpServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    using open = openClient((server.address() as AddressInfo).port, { connectTimeoutMs: 50 });
    const failure = await failureOf(open.client.get({}));
    assert.equal(failure.status, 'UNAVAILABLE');
    assert.match(failure.message, /50 ms/);
    server.close();
  });

  it('gives a server up that speaks nonsense', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.write('hello, I am not a server of this protocol');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    using open = openClient((server.address() as AddressInfo).port);
    const failure = await failureOf(open.client.get({}));
    assert.equal(failure.status, 'UNAVAILABLE');
    assert.match(failure.message, /does not speak HTTP\/2/);
    server.close();
  });
});

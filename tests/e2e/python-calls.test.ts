/** Python's grpcio against our own server. */
import { describe, it } from 'node:test';
import {
  type Call,
  createServer,
  isStatusError,
  type MessageCodec,
  type MethodDefinition,
  StatusError,
} from '@connections/grpc';
import { runPythonClient } from '@connections/testing';

const bytesCodec: MessageCodec<Uint8Array> = {
  encode: (bytes) => bytes,
  decode: (bytes) => bytes.slice(),
  create: () => new Uint8Array(),
};

function method<RequestStream extends boolean, ResponseStream extends boolean>(
  name: string,
  requestStream: RequestStream,
  responseStream: ResponseStream,
): MethodDefinition<Uint8Array, Uint8Array, RequestStream, ResponseStream> {
  const path = `/test.Echo/${name}`;
  return { path, requestStream, responseStream, request: bytesCodec, response: bytesCodec };
}

const echoService = {
  fullName: 'test.Echo',
  methods: {
    unary: method('Unary', false, false),
    count: method('Count', false, true),
    join: method('Join', true, false),
    chat: method('Chat', true, true),
  },
} as const;

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Resolves with the status that the call was ended with. */
function untilEnded(call: Call): Promise<string> {
  return new Promise((resolve) => {
    call.ending.addEventListener('abort', () => {
      const { reason } = call.ending;
      resolve(isStatusError(reason) ? reason.status : `${reason}`);
    });
  });
}

function echoServer() {
  let lastEnding = 'none';
  const server = createServer({ compressFromBytes: 10_000 });
  server.add(echoService, {
    async unary(request, call) {
      const text = request.length < 20 ? decode(request) : '';
      if (text === 'fail') {
        const details = [{ kind: 'RetryInfo' as const, delayMs: 250 }];
        throw new StatusError('DATA_LOSS', 'lost: 100 % ü\n', { details });
      }
      if (text === 'wait') lastEnding = await untilEnded(call);
      if (text === 'last ending') return encode(lastEnding);
      for (const [key, values] of call.metadata) {
        if (!key.startsWith('x-')) continue;
        for (const value of values)
          (typeof value === 'string' ? call.headers : call.trailers).add(key, value);
      }
      return request;
    },
    async *count(request, call) {
      const last = decode(request);
      for (let i = 1; last === 'forever' || i <= Number(last); i++) {
        yield encode(`${i}`);
        if (last === 'forever') lastEnding = await untilEnded(call);
      }
    },
    async join(requests) {
      const pieces: Uint8Array[] = [];
      for await (const piece of requests) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    async *chat(requests) {
      yield* requests;
    },
  });
  return server;
}

describe('a client in Python', () => {
  it('finds in our server what gRPC promises', async (t) => {
    const server = echoServer();
    const port = await server.listen('127.0.0.1', 0);
    await runPythonClient(t, { script: 'echo_calls.py', args: [`127.0.0.1:${port}`] });
    await server.stop(0);
  });
});

/** The cases of gRPC's interoperability test from the client's side; each rejects when the server does not do as it should. */
import assert from 'node:assert/strict';
import { type Client, isStatusError, Metadata, type StatusName } from '@connections/grpc';
import type { interopService, unimplemented } from './interop-service.ts';

export interface InteropClients {
  readonly test: Client<typeof interopService>;
  readonly unimplemented: Client<typeof unimplemented>;
}

export type InteropCase = (clients: InteropClients) => Promise<void>;

const requestSizes = [27_182, 8, 1_828, 45_904];
const responseSizes = [31_415, 9, 2_653, 58_979];
const largeRequest = { responseSize: 314_159, payload: { body: new Uint8Array(271_828) } };
const refusal = { code: 2, message: 'test status message' };
const specialMessage = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

export const interopCases: ReadonlyMap<string, InteropCase> = new Map<string, InteropCase>([
  ['empty_unary', async ({ test }) => assert.deepEqual(await test.emptyCall({}), {})],
  [
    'large_unary',
    async ({ test }) => {
      const { payload } = await test.unaryCall(largeRequest);
      assert.equal(payload?.body.length, largeRequest.responseSize);
    },
  ],
  [
    'client_streaming',
    async ({ test }) => {
      const answer = await test.streamingInputCall(inputs(requestSizes));
      assert.equal(answer.aggregatedPayloadSize, 74_922);
    },
  ],
  [
    'server_streaming',
    async ({ test }) => {
      const responseParameters = responseSizes.map((size) => ({ size }));
      assert.deepEqual(await sizesOf(test.streamingOutputCall({ responseParameters })), responseSizes);
    },
  ],
  ['ping_pong', pingPong],
  ['empty_stream', async ({ test }) => assert.deepEqual(await sizesOf(test.fullDuplexCall(inputs([]))), [])],
  [
    'timeout_on_sleeping_server',
    async ({ test }) => {
      const requests = (async function* () {
        yield { payload: { body: new Uint8Array(27_182) } };
        await new Promise(() => {});
      })();
      await fails('DEADLINE_EXCEEDED', () => sizesOf(test.fullDuplexCall(requests, { timeoutMs: 1 })));
    },
  ],
  [
    'cancel_after_begin',
    async ({ test }) => {
      const cancel = new AbortController();
      const requests = (async function* () {
        cancel.abort();
        yield { payload: { body: new Uint8Array(1) } };
      })();
      await fails('CANCELLED', () => test.streamingInputCall(requests, { signal: cancel.signal }));
    },
  ],
  [
    'cancel_after_first_response',
    async ({ test }) => {
      const cancel = new AbortController();
      const requests = (async function* () {
        yield { responseParameters: [{ size: 31_415 }], payload: { body: new Uint8Array(27_182) } };
        await new Promise(() => {});
      })();
      await fails('CANCELLED', async () => {
        for await (const _ of test.fullDuplexCall(requests, { signal: cancel.signal })) cancel.abort();
      });
    },
  ],
  [
    'status_code_and_message',
    async ({ test }) => {
      await fails('UNKNOWN', () => test.unaryCall({ responseStatus: refusal }), refusal.message);
      const requests = (async function* () {
        yield { responseStatus: refusal };
      })();
      await fails('UNKNOWN', () => sizesOf(test.fullDuplexCall(requests)), refusal.message);
    },
  ],
  [
    'special_status_message',
    async ({ test }) => {
      const responseStatus = { code: 2, message: specialMessage };
      await fails('UNKNOWN', () => test.unaryCall({ responseStatus }), specialMessage);
    },
  ],
  ['custom_metadata', customMetadata],
  [
    'unimplemented_method',
    ({ unimplemented }) => fails('UNIMPLEMENTED', () => unimplemented.methodOfTestService({})),
  ],
  [
    'unimplemented_service',
    ({ unimplemented }) => fails('UNIMPLEMENTED', () => unimplemented.methodOfNoService({})),
  ],
]);

/** Each request is sent when the answer to the one before has come. */
async function pingPong({ test }: InteropClients): Promise<void> {
  let answered = () => {};
  const requests = (async function* () {
    for (const [index, size] of responseSizes.entries()) {
      const answer = new Promise<void>((resolve) => {
        answered = resolve;
      });
      yield { responseParameters: [{ size }], payload: { body: new Uint8Array(requestSizes[index] ?? 0) } };
      await answer;
    }
  })();
  const sizes: number[] = [];
  for await (const { payload } of test.fullDuplexCall(requests)) {
    sizes.push(payload?.body.length ?? 0);
    answered();
  }
  assert.deepEqual(sizes, responseSizes);
}

async function customMetadata({ test }: InteropClients): Promise<void> {
  const initial = 'test_initial_metadata_value';
  const trailing = Uint8Array.of(0xab, 0xab, 0xab);
  const metadata = new Metadata();
  metadata.set('x-grpc-test-echo-initial', initial);
  metadata.set('x-grpc-test-echo-trailing-bin', trailing);
  const received: Metadata[] = [];
  const options = {
    metadata,
    onHeaders: (headers: Metadata) => received.push(headers),
    onTrailers: (trailers: Metadata) => received.push(trailers),
  };
  const request = { responseParameters: [{ size: 314_159 }], ...largeRequest };
  const requests = (async function* () {
    yield request;
  })();
  await test.unaryCall(largeRequest, options);
  assert.deepEqual(await sizesOf(test.fullDuplexCall(requests, options)), [314_159]);
  assert.equal(received.length, 4);
  for (const headers of [received[0], received[2]]) {
    assert.equal(headers?.text('x-grpc-test-echo-initial'), initial);
  }
  for (const trailers of [received[1], received[3]]) {
    assert.deepEqual([...(trailers?.bytes('x-grpc-test-echo-trailing-bin') ?? [])], [...trailing]);
  }
}

async function* inputs(sizes: readonly number[]) {
  for (const size of sizes) yield { payload: { body: new Uint8Array(size) } };
}

async function sizesOf(
  responses: AsyncIterable<{ readonly payload: { readonly body: Uint8Array } | undefined }>,
): Promise<number[]> {
  const sizes: number[] = [];
  for await (const { payload } of responses) sizes.push(payload?.body.length ?? 0);
  return sizes;
}

async function fails(status: StatusName, call: () => Promise<unknown>, message?: string): Promise<void> {
  const error = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isStatusError(error), `${status} expected`);
  assert.equal(error.status, status);
  if (message !== undefined) assert.equal(error.message, message);
}

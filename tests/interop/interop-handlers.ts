/** The handlers of gRPC's interoperability tests. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, type Handlers, StatusError, type StatusName, statusName } from '@connections/grpc';
import type { EchoStatus, interopService, StreamingOutputRequest } from './interop-service.ts';

const initialKey = 'x-grpc-test-echo-initial';
const trailingKey = 'x-grpc-test-echo-trailing-bin';

export const interopHandlers: Handlers<typeof interopService> = {
  emptyCall: async () => ({}),
  async unaryCall(request, call) {
    echoMetadata(call);
    refuse(request.responseStatus);
    const serverId = request.fillServerId === 0 ? '' : 'connections';
    return { payload: { body: new Uint8Array(request.responseSize) }, serverId };
  },
  async *streamingOutputCall(request, call) {
    yield* outputs(request, call);
  },
  async streamingInputCall(requests) {
    let aggregatedPayloadSize = 0;
    for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
    return { aggregatedPayloadSize };
  },
  async *fullDuplexCall(requests, call) {
    echoMetadata(call);
    for await (const request of requests) {
      refuse(request.responseStatus);
      yield* outputs(request, call);
    }
  },
};

async function* outputs(request: StreamingOutputRequest, call: Call) {
  for (const { size, intervalUs } of request.responseParameters) {
    if (intervalUs > 0) await delay(intervalUs / 1_000, undefined, { signal: call.signal });
    yield { payload: { body: new Uint8Array(size) } };
  }
}

function echoMetadata(call: Call): void {
  const initial = call.metadata.text(initialKey);
  if (initial !== undefined) call.headers.set(initialKey, initial);
  const trailing = call.metadata.bytes(trailingKey);
  if (trailing) call.trailers.set(trailingKey, trailing);
}

function refuse(status: EchoStatus | undefined): void {
  const name: StatusName = statusName(status?.code ?? 0);
  if (name !== 'OK') throw new StatusError(name, status?.message ?? '');
}

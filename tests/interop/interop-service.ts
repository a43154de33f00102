/** grpc.testing.TestService, the service of gRPC's interoperability tests (grpc/grpc, doc/interop-test-descriptions.md). */
import type { MessageCodec, MethodDefinition } from '@connections/grpc';
import { bytes, codecOf, int32, message, repeated, text } from './interop-codec.ts';

export interface Payload {
  readonly body: Uint8Array;
}
export interface EchoStatus {
  readonly code: number;
  readonly message: string;
}
export interface SimpleRequest {
  readonly responseSize: number;
  readonly payload: Payload | undefined;
  readonly responseStatus: EchoStatus | undefined;
  /** 1 asks for the name of the server that answers. */
  readonly fillServerId: number;
}
export interface SimpleResponse {
  readonly payload: Payload | undefined;
  readonly serverId: string;
}
export interface StreamingInputRequest {
  readonly payload: Payload | undefined;
}
export interface StreamingInputResponse {
  readonly aggregatedPayloadSize: number;
}
export interface ResponseParameters {
  readonly size: number;
  readonly intervalUs: number;
}
export interface StreamingOutputRequest {
  readonly responseParameters: readonly ResponseParameters[];
  readonly payload: Payload | undefined;
  readonly responseStatus: EchoStatus | undefined;
}
export interface StreamingOutputResponse {
  readonly payload: Payload | undefined;
}

const empty = codecOf<Record<never, never>>({});
const payload = codecOf<Payload>({ body: bytes(2) });
const echoStatus = codecOf<EchoStatus>({ code: int32(1), message: text(2) });
const parameters = codecOf<ResponseParameters>({ size: int32(1), intervalUs: int32(2) });
const simpleRequest = codecOf<SimpleRequest>({
  responseSize: int32(2),
  payload: message(3, payload),
  responseStatus: message(7, echoStatus),
  fillServerId: int32(9),
});
const simpleResponse = codecOf<SimpleResponse>({ payload: message(1, payload), serverId: text(4) });
const inputRequest = codecOf<StreamingInputRequest>({ payload: message(1, payload) });
const inputResponse = codecOf<StreamingInputResponse>({ aggregatedPayloadSize: int32(1) });
const outputRequest = codecOf<StreamingOutputRequest>({
  responseParameters: repeated(2, parameters),
  payload: message(3, payload),
  responseStatus: message(7, echoStatus),
});
const outputResponse = codecOf<StreamingOutputResponse>({ payload: message(1, payload) });

const methods = {
  emptyCall: method('EmptyCall', empty, empty, false, false),
  unaryCall: method('UnaryCall', simpleRequest, simpleResponse, false, false),
  streamingOutputCall: method('StreamingOutputCall', outputRequest, outputResponse, false, true),
  streamingInputCall: method('StreamingInputCall', inputRequest, inputResponse, true, false),
  fullDuplexCall: method('FullDuplexCall', outputRequest, outputResponse, true, true),
} as const;

export const interopService = { fullName: 'grpc.testing.TestService', methods };

/** What a client may call and no server has: a method of the service, and a service. */
export const unimplemented = {
  fullName: 'grpc.testing.UnimplementedService',
  methods: {
    methodOfTestService: {
      ...methods.emptyCall,
      path: '/grpc.testing.TestService/UnimplementedCall',
    },
    methodOfNoService: {
      ...methods.emptyCall,
      path: '/grpc.testing.UnimplementedService/UnimplementedCall',
    },
  },
};

function method<Request, Response, RequestStream extends boolean, ResponseStream extends boolean>(
  name: string,
  request: MessageCodec<Request>,
  response: MessageCodec<Response>,
  requestStream: RequestStream,
  responseStream: ResponseStream,
): MethodDefinition<Request, Response, RequestStream, ResponseStream> {
  return { path: `/grpc.testing.TestService/${name}`, request, response, requestStream, responseStream };
}

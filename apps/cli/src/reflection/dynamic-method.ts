/** A method known by its descriptor alone, as a channel calls it. */
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { MessageCodec, MethodDefinition } from '@connections/grpc';

export function isRequestStream({ methodKind }: DescMethod): boolean {
  return methodKind === 'client_streaming' || methodKind === 'bidi_streaming';
}

export function isResponseStream({ methodKind }: DescMethod): boolean {
  return methodKind === 'server_streaming' || methodKind === 'bidi_streaming';
}

export function dynamicMethod(method: DescMethod): MethodDefinition<Message, Message> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: isRequestStream(method),
    responseStream: isResponseStream(method),
    request: codec(method.input),
    response: codec(method.output),
  };
}

function codec(type: DescMessage): MessageCodec<Message> {
  return {
    encode: (message) => toBinary(type, message),
    decode: (bytes) => fromBinary(type, bytes),
    create: (partial) => create(type, partial as MessageInitShape<DescMessage>),
  };
}

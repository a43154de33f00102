/** Calls a method with JSON and hands on what it answers, as JSON. */
import { type DescMethod, type JsonValue, type Message, type Registry, toJson } from '@bufbuild/protobuf';
import { type CallOptions, type Channel, isStatusError } from '@connections/grpc';
import { CliError } from '../cli-error.ts';
import { dynamicMethod, isRequestStream } from './dynamic-method.ts';
import { type RequestSource, requestMessages, soleMessage } from './request-messages.ts';

export interface Invocation {
  readonly method: DescMethod;
  readonly registry: Registry;
  readonly source: RequestSource;
  readonly options: CallOptions;
}

/** One document for each answer. Fields that hold nothing are there too, but for messages and members of a oneof. */
export async function* invokeMethod(
  channel: Channel,
  { method, registry, source, options }: Invocation,
): AsyncIterable<JsonValue> {
  const called = dynamicMethod(method);
  const json = (answer: Message) => toJson(method.output, answer, { registry, alwaysEmitImplicit: true });
  if (method.methodKind === 'unary') {
    yield json(await channel.unary(called, await soleMessage(method.input, registry, source), options));
    return;
  }
  const requests = isRequestStream(method)
    ? requestMessages(method.input, registry, source)
    : only(await soleMessage(method.input, registry, source));
  try {
    for await (const answer of channel.stream(called, requests, options)) yield json(answer);
  } catch (error) {
    // The channel cancels the call for a request that cannot be made; what matters is why it cannot.
    throw isStatusError(error) && error.cause instanceof CliError ? error.cause : error;
  }
}

async function* only(message: Message): AsyncIterable<Message> {
  yield message;
}

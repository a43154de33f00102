/** The requests of a call, from the JSON that a person or a pipe gives. */
import { create, type DescMessage, fromJsonString, type Message, type Registry } from '@bufbuild/protobuf';
import { usageError } from '../cli-error.ts';
import { JsonDocuments } from './json-documents.ts';
import { requestFault } from './request-fault.ts';

export interface RequestSource {
  /** JSON; `-` is standard input; one message with nothing set when undefined. */
  readonly data: string | undefined;
  readonly stdin: NodeJS.ReadableStream;
}

/** One message for each document, as soon as it is complete. Throws a CliError that says what is wrong, and where. */
export async function* requestMessages(
  type: DescMessage,
  registry: Registry,
  { data, stdin }: RequestSource,
): AsyncIterable<Message> {
  if (data === undefined) {
    yield create(type);
    return;
  }
  let count = 0;
  for await (const document of documents(data === '-' ? decoded(stdin) : [data])) {
    count += 1;
    yield parse(type, registry, document, count);
  }
}

/** The one message of a method that takes one. */
export async function soleMessage(
  type: DescMessage,
  registry: Registry,
  source: RequestSource,
): Promise<Message> {
  const messages: Message[] = [];
  for await (const message of requestMessages(type, registry, source)) {
    if (messages.push(message) > 1) throw usageError('the method takes one message: there are more');
  }
  const [message] = messages;
  if (!message)
    throw usageError('there is no JSON: give a document, or leave it out for a message with nothing set');
  return message;
}

async function* documents(chunks: Iterable<string> | AsyncIterable<string>): AsyncIterable<string> {
  const cutter = new JsonDocuments();
  try {
    for await (const chunk of chunks) yield* cutter.push(chunk);
  } catch (error) {
    throw error instanceof RangeError ? usageError(error.message) : error;
  }
  yield* cutter.end();
}

async function* decoded(stdin: NodeJS.ReadableStream): AsyncIterable<string> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of stdin) {
      yield typeof chunk === 'string' ? chunk : utf8.decode(chunk, { stream: true });
    }
    yield utf8.decode();
  } catch (error) {
    throw error instanceof TypeError ? usageError('standard input is not UTF-8') : error;
  }
}

function parse(type: DescMessage, registry: Registry, text: string, number: number): Message {
  try {
    return fromJsonString(type, text, { registry });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { where, problem, hint } = requestFault({ type, registry, text }, error);
    const document = number > 1 ? `document ${number}` : 'the JSON';
    throw usageError(`${document} is wrong${where === '' ? '' : ` at ${where}`}: ${problem}`, hint);
  }
}

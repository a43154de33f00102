/** Carries the trace context of the program's own OpenTelemetry through calls and messages; without one, nothing. */
import { Metadata } from '@connections/grpc';
import { context, propagation, ROOT_CONTEXT, type TextMapGetter } from '@opentelemetry/api';

type Headers = ReadonlyMap<string, string>;

interface Traced {
  readonly body: Uint8Array;
  readonly headers: Headers;
}

/** What the service takes on one message. */
const maxHeaders = 64;
const maxHeaderBytes = 8_192;
/** What a message takes besides its body and the text of its headers, at most. */
const frameBytes = 2_048;
const maxRequestBytes = 4_194_304;
/** Less than the service's 8 KiB for all metadata of a call. */
const maxMetadataBytes = 4_096;

const reader: TextMapGetter<Headers> = {
  get: (headers, key) => headers.get(key),
  keys: (headers) => [...headers.keys()],
};

/** The active context as headers. */
export function activeTrace(): Headers {
  const headers = new Map<string, string>();
  propagation.inject(context.active(), headers, { set: (carrier, key, value) => carrier.set(key, value) });
  return headers;
}

/**
 * The messages with this context on them; one that names a trace itself stays as it is. A request that is valid stays so:
 * what finds no room is left out, and the service puts the context of the call on messages that have none.
 */
export function withTrace<Message extends Traced>(
  messages: readonly Message[],
  trace: Headers,
): readonly Message[] {
  const eachBytes = bytesOf(trace) + frameBytes;
  const bytes = messages.reduce(
    (sum, { body, headers }) => sum + body.length + bytesOf(headers) + eachBytes,
    0,
  );
  if (trace.size === 0 || bytes > maxRequestBytes) return messages;
  return messages.map((message) => ({ ...message, headers: headersWithTrace(message.headers, trace) }));
}

/** The headers of one message with this context among them, as far as there is room; those that name a trace as they are. */
export function headersWithTrace(headers: Headers, trace: Headers): Headers {
  if (trace.size === 0 || headers.has('traceparent')) return headers;
  const room = { headers: maxHeaders - headers.size, bytes: maxHeaderBytes - bytesOf(headers) };
  return new Map([...fitting(trace, room), ...headers]);
}

/** Undefined when there is nothing to send. */
export function traceMetadata(trace: Headers): Metadata | undefined {
  if (trace.size === 0) return undefined;
  const metadata = new Metadata();
  for (const [key, value] of fitting(trace, { headers: maxHeaders, bytes: maxMetadataBytes })) {
    metadata.set(key, value);
  }
  return metadata;
}

/** Runs `work` as a part of the trace that the message belongs to. */
export function inTraceOf<T>(headers: Headers, work: () => T): T {
  return context.with(propagation.extract(ROOT_CONTEXT, headers, reader), work);
}

function fitting(trace: Headers, room: { readonly headers: number; readonly bytes: number }): Headers {
  const fit = new Map<string, string>();
  for (const header of trace) {
    fit.set(...header);
    if (fit.size > room.headers || bytesOf(fit) > room.bytes) fit.delete(header[0]);
  }
  return fit;
}

function bytesOf(headers: Headers): number {
  let bytes = 0;
  for (const [name, value] of headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes;
}

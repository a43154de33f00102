/** The trace context that travels with calls and messages, as the headers of W3C Trace Context and Baggage. */
import type { Metadata } from '@connections/grpc';

/** Some of `traceparent`, `tracestate` and `baggage`, in this order. */
export type TraceHeaders = ReadonlyMap<string, string>;

const traceparent = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;
/** What W3C Trace Context asks to be passed on at least. */
const tracestateBytes = 512;

/** What a caller sent, to be passed on as it is; a context that is malformed is none. */
export function receivedTraceHeaders(metadata: Metadata): TraceHeaders {
  const headers = new Map<string, string>();
  const parent = metadata.text('traceparent');
  if (parent !== undefined && traceparent.test(parent)) {
    headers.set('traceparent', parent);
    const state = metadata.text('tracestate');
    if (state && state.length <= tracestateBytes) headers.set('tracestate', state);
  }
  const baggage = metadata.text('baggage');
  if (baggage) headers.set('baggage', baggage);
  return headers;
}

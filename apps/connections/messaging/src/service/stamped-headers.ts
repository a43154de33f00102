/** Puts a trace context on a message whose publisher did not, as far as there is room for it. */
import { limits, type TraceHeaders } from '@connections/runtime';

/** Never makes a message break the bounds that it keeps. */
export function stampedHeaders(
  headers: ReadonlyMap<string, string>,
  trace: TraceHeaders,
): ReadonlyMap<string, string> {
  if (trace.size === 0 || headers.has('traceparent')) return headers;
  const stamped = new Map(headers);
  let bytes = 0;
  for (const header of headers) bytes += bytesOf(header);
  for (const header of trace) {
    if (stamped.has(header[0])) continue;
    bytes += bytesOf(header);
    if (bytes > limits.headerBytes || stamped.size >= limits.headerKeys) break;
    stamped.set(...header);
  }
  return stamped;
}

function bytesOf([name, value]: readonly [string, string]): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value);
}

/** Sees every HTTP/2 stream of a grpc-js server just before grpc-js does, for what grpc-js has no API for. */
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import { parseGrpcTimeout } from '../protocol/grpc-timeout.ts';

export interface Arrival {
  /** The only way to end a stream whose peer does not read: grpc-js queues the status behind the unread message. */
  readonly stream: ServerHttp2Stream;
  /** Epoch milliseconds. */
  readonly deadline: number | undefined;
  /** Of the header block, as RFC 9113 counts it: names, values and 32 for each. */
  readonly metadataBytes: number;
}

/** What grpc-js keeps private: its HTTP/2 servers. */
interface Http2Servers {
  readonly http2Servers: ReadonlyMap<Http2Server, unknown>;
}

/** Starts to watch a server that has its listeners or injectors already. `take` is for its interceptors. */
export function watchArrivals(server: Server): { take(): Arrival } {
  let latest: Arrival | undefined;
  for (const http2Server of (server as unknown as Http2Servers).http2Servers.keys()) {
    http2Server.prependListener('stream', (stream, headers) => {
      latest = { stream, deadline: takeDeadline(headers), metadataBytes: metadataBytes(headers) };
    });
  }
  return {
    // The event reaches our listener, then grpc-js's, which runs the interceptors before it returns.
    take() {
      const arrival = latest;
      latest = undefined;
      if (!arrival) throw new Error('grpc-js ran an interceptor without a stream');
      return arrival;
    },
  };
}

/**
 * Hides the timeout from grpc-js, so that one timer runs for it, ours. grpc-js holds timeouts in 32 bits, which makes
 * one of more than 24.8 days end the call at once, and waits for a stalled reader before it reports the cancellation.
 */
function takeDeadline(headers: IncomingHttpHeaders): number | undefined {
  const timeout = headers['grpc-timeout'];
  const timeoutMs = typeof timeout === 'string' ? parseGrpcTimeout(timeout) : undefined;
  if (timeoutMs === undefined) return undefined;
  headers['grpc-timeout'] = undefined;
  return Date.now() + timeoutMs;
}

function metadataBytes(headers: IncomingHttpHeaders): number {
  let bytes = 0;
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string') bytes += name.length + value.length + 32;
    else for (const one of value ?? []) bytes += name.length + one.length + 32;
  }
  return bytes;
}

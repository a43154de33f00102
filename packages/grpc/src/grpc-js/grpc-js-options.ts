/** The options of a server as grpc-js names them. */
import type { ChannelOptions } from '@grpc/grpc-js';
import type { ServerOptions } from '../server.ts';

export function channelOptions(options: ServerOptions): ChannelOptions {
  const {
    maxMessageBytes = 4_194_304,
    maxConnectionAgeMs,
    maxConnectionAgeGraceMs,
    maxConnectionIdleMs,
  } = options;
  return {
    'grpc.max_receive_message_length': options.maxRequestBytes ?? maxMessageBytes,
    'grpc.max_concurrent_streams': options.maxConcurrentStreams ?? 1_000,
    'grpc.keepalive_time_ms': options.keepaliveMs ?? 20_000,
    'grpc.keepalive_timeout_ms': options.keepaliveTimeoutMs ?? 10_000,
    // MiB of header blocks and stream records per connection, beyond which new calls of it are refused.
    'grpc-node.max_session_memory': 64,
    // Its bookkeeping costs every call time.
    'grpc.enable_channelz': 0,
    ...(maxConnectionAgeMs !== undefined && { 'grpc.max_connection_age_ms': maxConnectionAgeMs }),
    ...(maxConnectionAgeGraceMs !== undefined && {
      'grpc.max_connection_age_grace_ms': maxConnectionAgeGraceMs,
    }),
    ...(maxConnectionIdleMs !== undefined && { 'grpc.max_connection_idle_ms': maxConnectionIdleMs }),
  };
}

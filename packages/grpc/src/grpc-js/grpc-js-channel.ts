/** A channel on @grpc/grpc-js. */
import { type ChannelCredentials, connectivityState, credentials, Channel as GrpcJs } from '@grpc/grpc-js';
import type { ClientTls } from '../client/channel-options.ts';
import type { CallOptions, Channel } from '../client.ts';
import type { MethodDefinition } from '../method.ts';
import { overReplicas } from '../replica-channel.ts';
import { StatusError } from '../status-error.ts';
import { quietLog } from './quiet-log.ts';
import { StreamingRequest } from './streaming-request.ts';
import { requestOnce } from './unary-request.ts';

export interface GrpcJsChannelOptions {
  /** Largest message taken or sent, in bytes. @default 4 MiB */
  readonly maxMessageBytes?: number;
  /** A connection with open calls that was silent for so long is asked whether it lives. @default 20 000 */
  readonly keepaliveMs?: number;
  /** Its calls end with UNAVAILABLE when it does not answer that within. @default 10 000 */
  readonly keepaliveTimeoutMs?: number;
  /** @default none: the connection is plain */
  readonly tls?: ClientTls;
}

/**
 * `address` is `host:port`, or several with commas between them, which are replicas of one service: see overReplicas. The
 * channel connects when it is first used, and again whenever it has to.
 */
export function createGrpcJsChannel(address: string, options: GrpcJsChannelOptions = {}): Channel {
  quietLog();
  const replicas = address.split(',').map((each) => new GrpcJsChannel(each.trim(), options));
  return overReplicas(replicas);
}

class GrpcJsChannel implements Channel {
  readonly #address: string;
  readonly #grpcJs: GrpcJs;

  constructor(address: string, options: GrpcJsChannelOptions) {
    const { maxMessageBytes = 4_194_304, keepaliveMs = 20_000, keepaliveTimeoutMs = 10_000 } = options;
    this.#address = address;
    this.#grpcJs = new GrpcJs(address, channelCredentials(options.tls), {
      ...(options.tls?.serverName !== undefined && {
        'grpc.ssl_target_name_override': options.tls.serverName,
      }),
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      'grpc.keepalive_time_ms': keepaliveMs,
      'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
      // What a request stream is read ahead: a stream's flow-control window. A call is retried out of it when its
      // connection was closed before the server saw it.
      'grpc.per_rpc_retry_buffer_size': 65_536,
      'grpc.initial_reconnect_backoff_ms': 100,
      // With a fifth of jitter: a server that is there again is found within 5 s, however long it was away.
      'grpc.max_reconnect_backoff_ms': 4_000,
      // A channel of its own closes its connection when it is closed.
      'grpc.use_local_subchannel_pool': 1,
      // The services are inside the network: their addresses need no TXT records and no proxy.
      'grpc.service_config_disable_resolution': 1,
      'grpc.enable_http_proxy': 0,
      'grpc.enable_channelz': 0,
    });
  }

  unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response> {
    return requestOnce(this.#grpcJs, method, request, options);
  }

  stream<Request, Response>(
    method: MethodDefinition<Request, Response>,
    requests: AsyncIterable<Request>,
    options: CallOptions,
  ): AsyncIterable<Response> {
    return new StreamingRequest(this.#grpcJs, method, requests, options);
  }

  ready(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    return new Promise((resolve, reject) => {
      const check = (late?: Error) => {
        if (late) {
          reject(new StatusError('UNAVAILABLE', `${this.#address} did not answer within ${timeoutMs} ms`));
          return;
        }
        const state = this.#grpcJs.getConnectivityState(true);
        if (state === connectivityState.READY) resolve();
        else if (state === connectivityState.SHUTDOWN)
          reject(new StatusError('UNAVAILABLE', 'the channel is closed'));
        else this.#grpcJs.watchConnectivityState(state, deadline, check);
      };
      check();
    });
  }

  close(): void {
    this.#grpcJs.close();
  }
}

function channelCredentials(tls: ClientTls | undefined): ChannelCredentials {
  if (!tls) return credentials.createInsecure();
  const [ca, key, cert] = [tls.ca, tls.key, tls.cert].map((pem) =>
    pem === undefined ? null : Buffer.from(pem),
  );
  return credentials.createSsl(ca, key, cert);
}

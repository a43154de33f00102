/** The channel: a target, its connections, and the calls over them. */
import { lookup as lookupHost } from 'node:dns/promises';
import type { CallOptions, Channel } from '../client.ts';
import { Deadlines } from '../deadlines.ts';
import { connectConnection } from '../http2/connection/client-connection.ts';
import type { MethodDefinition } from '../method.ts';
import { StatusError } from '../status-error.ts';
import { monotonicClock } from '../timer.ts';
import { CallDispatch } from './call-dispatch.ts';
import { channelClosed } from './channel-failures.ts';
import type { ChannelOptions } from './channel-options.ts';
import type { CallSettings } from './client-call.ts';
import { dialer } from './dial.ts';
import { watchHealth } from './health-watch.ts';
import { interceptChannel } from './intercepted-channel.ts';
import { RequestHeads } from './request-heads.ts';
import { StreamingCall } from './streaming-call.ts';
import { parseTarget, type Target } from './target.ts';
import { TargetConnections } from './target-connections.ts';
import { callOnce } from './unary-call.ts';

/** The whole of what HTTP/2 allows: a reader that stalls holds back its own stream and not its neighbours. */
const connectionWindowBytes = 2 ** 31 - 1;

/**
 * `target` is `host:port` or another of those that `parseTarget` knows; a TypeError for anything else. The channel connects
 * when it is first used, and again whenever it has to. It keeps no process alive by itself.
 */
export function createChannel(target: string, options: ChannelOptions = {}): Channel {
  const { authority } = options;
  if (authority !== undefined && !/^[!-~]+$/.test(authority)) {
    throw new TypeError(`${JSON.stringify(authority)} is no authority`);
  }
  return interceptChannel(new GrpcChannel(parseTarget(target), options), options.interceptors ?? []);
}

class GrpcChannel implements Channel {
  readonly #target: Target;
  readonly #connections: TargetConnections;
  readonly #calls: CallSettings;
  readonly #dispatch: CallDispatch;
  /** Who waits for a connection. */
  readonly #waiters = new Set<() => void>();
  #closed = false;

  constructor(target: Target, options: ChannelOptions) {
    const clock = monotonicClock;
    const maxMetadataBytes = options.maxMetadataBytes ?? 8_192;
    const calls = {
      deadlines: new Deadlines(clock),
      clock,
      heads: new RequestHeads({
        authority: options.authority ?? target.authority,
        secure: options.tls !== undefined,
        gzip: options.compression === 'gzip',
      }),
      maxMessageBytes: options.maxMessageBytes ?? 4_194_304,
      maxMetadataBytes,
      gzip: options.compression === 'gzip',
    };
    const { tls, healthCheck, backoff = {}, connectTimeoutMs = 20_000 } = options;
    const dial = dialer({
      connect: connectConnection,
      connection: {
        clock,
        connectionWindowBytes,
        maxHeaderListBytes: maxMetadataBytes,
        prefaceTimeoutMs: connectTimeoutMs,
        keepaliveMs: options.keepaliveMs ?? 20_000,
        keepaliveTimeoutMs: options.keepaliveTimeoutMs ?? 10_000,
      },
      connectTimeoutMs,
      tls: typeof tls === 'object' ? () => tls : tls,
      host: target.host,
    });
    const subchannel = {
      dial,
      clock,
      random: Math.random,
      backoff,
      watchHealth:
        healthCheck === undefined
          ? undefined
          : watchHealth({ calls, service: healthCheck, backoff, random: Math.random }),
    };
    this.#target = target;
    this.#connections = new TargetConnections(
      target,
      {
        subchannel,
        balancing: options.balancing,
        lookup: async (host) => (await lookupHost(host, { all: true })).map(({ address }) => address),
        minResolveIntervalMs: options.minResolveIntervalMs ?? 30_000,
      },
      () => this.#changed(),
    );
    this.#dispatch = new CallDispatch(this.#connections);
    this.#calls = { ...calls, dispatch: this.#dispatch };
  }

  unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response> {
    return callOnce(this.#calls, method, request, options);
  }

  stream<Request, Response>(
    method: MethodDefinition<Request, Response>,
    requests: AsyncIterable<Request>,
    options: CallOptions,
  ): AsyncIterable<Response> {
    return new StreamingCall(this.#calls, method, requests, options);
  }

  ready(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (failure?: StatusError) => {
        clearTimeout(late);
        this.#waiters.delete(check);
        if (failure) reject(failure);
        else resolve();
      };
      const check = () => {
        if (this.#closed) settle(channelClosed());
        else if (this.#connections.balancer.ready) settle();
        else this.#connections.wake();
      };
      const late = setTimeout(() => settle(this.#late(timeoutMs)), timeoutMs);
      this.#waiters.add(check);
      check();
    });
  }

  /** Open calls go on; those that wait for a connection end with UNAVAILABLE. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dispatch.close();
    this.#connections.shutdown();
    this.#changed();
  }

  #changed(): void {
    for (const check of this.#waiters) check();
    if (!this.#closed) this.#dispatch.changed();
  }

  #late(timeoutMs: number): StatusError {
    const cause = this.#connections.failure ?? this.#connections.balancer.failure;
    const why = cause ? `: ${cause.message}` : '';
    const message = `${this.#target.authority} did not answer within ${timeoutMs} ms${why}`;
    return new StatusError('UNAVAILABLE', message, { cause });
  }
}

/** Opens a call on a grpc-js channel: what unary and streaming requests have in common. */
import { setMaxListeners } from 'node:events';
import type { Channel, Metadata as GrpcJsMetadata, StatusObject } from '@grpc/grpc-js';
import type { CallOptions } from '../client.ts';
import type { MessageCodec } from '../method.ts';
import { statusNumbers } from '../status.ts';
import { StatusError } from '../status-error.ts';
import { deadlineExceeded } from '../transport-failures.ts';
import { asBuffer, asBytes } from './byte-views.ts';
import { fromGrpcJsMetadata, toGrpcJsMetadata } from './metadata-conversion.ts';
import { fromStatus } from './status-conversion.ts';

type GrpcJsCall = ReturnType<Channel['createCall']>;

export interface OutgoingCall {
  readonly grpcJs: GrpcJsCall;
  /** Stops to listen to the caller's signal. */
  release(): void;
  /** What a status other than OK is to the caller. */
  failureOf(status: StatusObject): StatusError;
}

export interface ResponseListener {
  onReceiveMetadata(metadata: GrpcJsMetadata): void;
  onReceiveMessage(bytes: Buffer): void;
  onReceiveStatus(status: StatusObject): void;
}

/** A server's own timer for the same deadline may reset the stream a little before grpc-js's fires. */
const deadlineSlackMs = 20;
const cancelMessage = 'the caller cancelled the call';
/** A longer timeout does not fit the eight digits of hours that the gRPC specification gives it. */
const longestTimeoutMs = 3e14;

/** Throws a StatusError when the call cannot be opened. */
export function openCall(
  channel: Channel,
  path: string,
  options: CallOptions,
  listener: ResponseListener,
): OutgoingCall {
  const { signal, timeoutMs, metadata } = options;
  if (signal?.aborted) throw new StatusError('CANCELLED', cancelMessage, { cause: signal.reason });
  const deadline = timeoutMs === undefined ? Infinity : Date.now() + Math.min(timeoutMs, longestTimeoutMs);
  const grpcJs = createCall(channel, path, deadline);
  const cancel = () => cancelCall(grpcJs);
  // One signal may stand for any number of calls at once; Node would take the eleventh for a leak.
  if (signal) setMaxListeners(0, signal);
  signal?.addEventListener('abort', cancel, { once: true });
  grpcJs.start(toGrpcJsMetadata(metadata), listener);
  return {
    grpcJs,
    release: () => signal?.removeEventListener('abort', cancel),
    failureOf: (status) => {
      const byServer = status.code === statusNumbers.CANCELLED && status.details !== cancelMessage;
      return byServer && Date.now() >= deadline - deadlineSlackMs ? deadlineExceeded() : fromStatus(status);
    },
  };
}

export function cancelCall(call: GrpcJsCall): void {
  call.cancelWithStatus(statusNumbers.CANCELLED, cancelMessage);
}

export function encodeRequest<T>(codec: MessageCodec<T>, request: T): Buffer {
  try {
    return asBuffer(codec.encode(request));
  } catch (cause) {
    throw new StatusError('INTERNAL', 'the request cannot be encoded', { cause });
  }
}

export function decodeResponse<T>(codec: MessageCodec<T>, buffer: Buffer): T {
  try {
    return codec.decode(asBytes(buffer));
  } catch (cause) {
    throw new StatusError('INTERNAL', 'the response cannot be decoded', { cause });
  }
}

export function reportHeaders({ onHeaders }: CallOptions, metadata: GrpcJsMetadata): void {
  onHeaders?.(fromGrpcJsMetadata(metadata));
}

export function reportTrailers({ onTrailers }: CallOptions, status: StatusObject): void {
  onTrailers?.(fromGrpcJsMetadata(status.metadata));
}

function createCall(channel: Channel, path: string, deadline: number): GrpcJsCall {
  try {
    return channel.createCall(path, deadline, undefined, null, undefined);
  } catch (cause) {
    throw new StatusError('UNAVAILABLE', 'the channel is closed', { cause });
  }
}

/** One request and its one response over a grpc-js channel. */
import type { Channel, Metadata, StatusObject } from '@grpc/grpc-js';
import type { CallOptions } from '../client.ts';
import type { MessageCodec, MethodDefinition } from '../method.ts';
import { StatusError } from '../status-error.ts';
import {
  decodeResponse,
  encodeRequest,
  type OutgoingCall,
  openCall,
  type ResponseListener,
  reportHeaders,
  reportTrailers,
} from './outgoing-call.ts';
import { fromStatus } from './status-conversion.ts';

export function requestOnce<Request, Response>(
  channel: Channel,
  method: MethodDefinition<Request, Response>,
  request: Request,
  options: CallOptions,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const bytes = encodeRequest(method.request, request);
    new UnaryRequest(method.response, options, resolve, reject).send(channel, method.path, bytes);
  });
}

class UnaryRequest<Response> implements ResponseListener {
  readonly #codec: MessageCodec<Response>;
  readonly #options: CallOptions;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: unknown) => void;
  #call: OutgoingCall | undefined;
  #response: Buffer | undefined;
  #received = 0;

  constructor(
    codec: MessageCodec<Response>,
    options: CallOptions,
    resolve: (response: Response) => void,
    reject: (error: unknown) => void,
  ) {
    this.#codec = codec;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  send(channel: Channel, path: string, bytes: Buffer): void {
    this.#call = openCall(channel, path, this.#options, this);
    const { grpcJs } = this.#call;
    grpcJs.startRead();
    grpcJs.sendMessageWithContext({}, bytes);
    grpcJs.halfClose();
  }

  onReceiveMetadata(metadata: Metadata): void {
    reportHeaders(this.#options, metadata);
  }

  /** Reads on, because the status comes only when nothing is left to be read. */
  onReceiveMessage(bytes: Buffer): void {
    this.#received++;
    this.#response = bytes;
    this.#call?.grpcJs.startRead();
  }

  onReceiveStatus(status: StatusObject): void {
    this.#call?.release();
    reportTrailers(this.#options, status);
    try {
      this.#resolve(this.#result(status));
    } catch (error) {
      this.#reject(error);
    }
  }

  #result(status: StatusObject): Response {
    if (status.code !== 0) throw this.#call?.failureOf(status) ?? fromStatus(status);
    if (!this.#response || this.#received > 1) {
      throw new StatusError('UNIMPLEMENTED', `the server sent ${this.#received} responses instead of one`);
    }
    return decodeResponse(this.#codec, this.#response);
  }
}

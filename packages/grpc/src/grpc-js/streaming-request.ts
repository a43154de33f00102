/** A call with a stream of requests, of responses or of both over a grpc-js channel; begins when it is first iterated. */
import type { Channel, Metadata, StatusObject } from '@grpc/grpc-js';
import type { CallOptions } from '../client.ts';
import type { MethodDefinition } from '../method.ts';
import { PullQueue } from '../pull-queue.ts';
import { StatusError } from '../status-error.ts';
import {
  cancelCall,
  decodeResponse,
  encodeRequest,
  type OutgoingCall,
  openCall,
  type ResponseListener,
  reportHeaders,
  reportTrailers,
} from './outgoing-call.ts';
import { fromStatus } from './status-conversion.ts';

export class StreamingRequest<Request, Response>
  implements AsyncIterableIterator<Response, undefined>, ResponseListener
{
  readonly #channel: Channel;
  readonly #method: MethodDefinition<Request, Response>;
  readonly #requests: AsyncIterator<Request>;
  readonly #options: CallOptions;
  readonly #responses = new PullQueue<Response>(() => this.#read());
  #call: OutgoingCall | undefined;
  #received = 0;

  constructor(
    channel: Channel,
    method: MethodDefinition<Request, Response>,
    requests: AsyncIterable<Request>,
    options: CallOptions,
  ) {
    this.#channel = channel;
    this.#method = method;
    this.#requests = requests[Symbol.asyncIterator]();
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Response, undefined>> {
    return this.#responses.next();
  }

  /** Leaving the loop early cancels the call. */
  async return(): Promise<IteratorResult<Response, undefined>> {
    if (!this.#responses.ended) this.#abandon();
    return { done: true, value: undefined };
  }

  onReceiveMetadata(metadata: Metadata): void {
    reportHeaders(this.#options, metadata);
  }

  onReceiveMessage(bytes: Buffer): void {
    this.#received++;
    try {
      if (this.#received > 1 && !this.#method.responseStream) {
        throw new StatusError('UNIMPLEMENTED', 'the server sent more than one response');
      }
      this.#responses.push(decodeResponse(this.#method.response, bytes));
    } catch (error) {
      this.#abandon(error);
    }
  }

  onReceiveStatus(status: StatusObject): void {
    if (this.#responses.ended) return;
    reportTrailers(this.#options, status);
    if (status.code !== 0) this.#end(this.#call?.failureOf(status) ?? fromStatus(status));
    else if (this.#received > 0 || this.#method.responseStream) this.#end();
    else this.#end(new StatusError('UNIMPLEMENTED', 'the server sent no response'));
  }

  #read(): void {
    try {
      this.#call ??= this.#open();
      this.#call.grpcJs.startRead();
    } catch (error) {
      this.#end(error);
    }
  }

  #open(): OutgoingCall {
    const call = openCall(this.#channel, this.#method.path, this.#options, this);
    void this.#sendAll(call);
    return call;
  }

  /** Asks for a request when the transport has taken the one before. */
  async #sendAll({ grpcJs }: OutgoingCall): Promise<void> {
    try {
      for (;;) {
        const step = await this.#requests.next();
        if (this.#responses.ended) return;
        if (step.done) return grpcJs.halfClose();
        const bytes = encodeRequest(this.#method.request, step.value);
        await new Promise<void>((taken) => {
          grpcJs.sendMessageWithContext({ callback: () => taken() }, bytes);
        });
      }
    } catch (cause) {
      this.#abandon(new StatusError('CANCELLED', 'the requests of the call failed', { cause }));
    }
  }

  /** The server need not go on: the caller has left, or what was sent or received is wrong. */
  #abandon(failure?: unknown): void {
    this.#end(failure);
    if (this.#call) cancelCall(this.#call.grpcJs);
  }

  #end(failure?: unknown): void {
    this.#responses.end(failure);
    this.#call?.release();
    this.#requests.return?.().catch(() => {});
  }
}

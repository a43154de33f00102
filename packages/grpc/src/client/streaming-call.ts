/** A call with a stream of requests, of responses or of both; begins when it is first iterated. */
import type { CallOptions } from '../client.ts';
import type { Http2Stream } from '../http2/stream/stream-owner.ts';
import type { MethodDefinition } from '../method.ts';
import { inflateMessage } from '../protocol/message-compression.ts';
import { messagePrefix } from '../protocol/message-prefix.ts';
import { MessageReader } from '../protocol/message-reader.ts';
import { PullQueue } from '../pull-queue.ts';
import { StatusError } from '../status-error.ts';
import { responseCardinality, responseNotDecodable } from './channel-failures.ts';
import { type CallSettings, ClientCall } from './client-call.ts';
import { decodeResponse } from './decoded-response.ts';
import { type EncodedRequest, encodeRequest } from './encoded-request.ts';

/** What is kept of the requests to send them again where no server has seen them: what a stream's first window takes. */
const repeatableBytes = 65_536;
const noBytes = new Uint8Array();

export class StreamingCall<Request, Response>
  extends ClientCall
  implements AsyncIterableIterator<Response, undefined>
{
  protected repeatable = true;
  protected sent = false;
  readonly #method: MethodDefinition<Request, Response>;
  readonly #requests: AsyncIterator<Request>;
  readonly #responses = new PullQueue<Response>(() => this.#read());
  readonly #reader: MessageReader;
  #resume: (() => void) | undefined;
  #begun = false;
  /** Somebody awaits a response that was not given yet. */
  #wanted = false;
  #inflating = false;
  #received = 0;
  /** Of what was received, not given back to the window. */
  #unreleasedBytes = 0;
  /** Told when the responses that came before it were taken. */
  #outcome: { readonly failure: unknown } | undefined;
  /** Those that were pulled, the end as undefined: all while the call may be started again, then those that were not sent. */
  readonly #kept: (EncodedRequest | undefined)[] = [];
  /** Of those, the first that the stream of now was not given. */
  #next = 0;
  #pulledBytes = 0;
  #pulling: Promise<void> | undefined;

  constructor(
    settings: CallSettings,
    method: MethodDefinition<Request, Response>,
    requests: AsyncIterable<Request>,
    options: CallOptions,
  ) {
    super(settings, method.path, options);
    this.#method = method;
    this.#requests = requests[Symbol.asyncIterator]();
    this.#reader = new MessageReader(settings.maxMessageBytes);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Response, undefined>> {
    return this.#responses.next();
  }

  /** Leaving the loop early cancels the call. */
  async return(): Promise<IteratorResult<Response, undefined>> {
    this.leave();
    this.#finish(undefined);
    return { done: true, value: undefined };
  }

  taken(): void {
    this.#resume?.();
  }

  protected send(stream: Http2Stream): void {
    this.#next = 0;
    void this.#sendAll(stream);
  }

  protected answered(): void {
    this.repeatable = false;
    this.#letGo();
  }

  protected receive(buffer: Uint8Array, start: number, end: number): void {
    this.#unreleasedBytes += end - start;
    this.#reader.give(buffer, start, end);
    if (this.#wanted) this.#deliver();
    this.#reader.keep();
  }

  /** Of a call that this side has given up, what was received before is of no use. */
  protected end(failure: unknown, abandoned: boolean): void {
    this.#outcome = { failure };
    if (abandoned) this.#finish(failure);
    else if (this.#wanted) this.#deliver();
  }

  #finish(failure: unknown): void {
    this.#responses.end(failure);
    this.#requests.return?.().catch(() => {});
  }

  #read(): void {
    this.#wanted = true;
    if (this.#begun) {
      this.#deliver();
      return;
    }
    this.#begun = true;
    try {
      this.begin();
    } catch (error) {
      this.#finish(error);
    }
  }

  /** The next response, or the status behind the last, to who awaits it. */
  #deliver(): void {
    if (this.#inflating) return;
    try {
      const message = this.#reader.next();
      if (message) this.#give(message);
      else if (this.#outcome) this.#finish(this.#outcome.failure ?? this.#failureOfOk());
      this.#giveBack();
    } catch (error) {
      this.#fail(error);
    }
  }

  #give(message: Uint8Array): void {
    this.#received++;
    if (this.#received > 1 && !this.#method.responseStream) throw responseCardinality(this.#received);
    if (!this.#reader.compressed) {
      this.#push(message);
      return;
    }
    const inflated = inflateMessage(message, this.settings.maxMessageBytes);
    if (!(inflated instanceof Promise)) {
      this.#push(inflated);
      return;
    }
    this.#inflating = true;
    inflated
      .then((bytes) => {
        this.#inflating = false;
        this.#push(bytes);
        this.#giveBack();
      })
      .catch((error: unknown) => this.#fail(error));
  }

  #push(bytes: Uint8Array): void {
    const response = decodeResponse(this.#method.response, bytes);
    this.#wanted = false;
    this.#responses.push(response);
  }

  /** What nobody awaits stays out of the window, so that the server sends no more than that ahead. */
  #giveBack(): void {
    const held = this.#wanted && !this.#inflating ? 0 : this.#reader.heldBytes;
    const bytes = this.#unreleasedBytes - held;
    if (bytes <= 0) return;
    this.#unreleasedBytes = held;
    this.stream?.release(bytes);
  }

  #failureOfOk(): StatusError | undefined {
    if (this.#reader.heldBytes > 0) return responseNotDecodable(new RangeError('it is cut short'));
    return this.#received > 0 || this.#method.responseStream ? undefined : responseCardinality(0);
  }

  #fail(failure: unknown): void {
    this.abandon(failure);
    this.#finish(failure);
  }

  /** Asks for a request when the transport has taken the one before. Ends when another stream has taken over. */
  async #sendAll(stream: Http2Stream): Promise<void> {
    try {
      for (;;) {
        if (this.#next === this.#kept.length) await this.#pull();
        if (this.over || this.stream !== stream) return;
        const request = this.#kept[this.#next++];
        if (!this.repeatable) this.#letGo();
        const last = request === undefined || !this.#method.requestStream;
        if (!this.#sendOne(stream, request, last)) await this.#untilTaken();
        if (this.stream !== stream) return;
        this.sent = last;
        if (last) return;
      }
    } catch (failure) {
      this.#fail(failure);
    }
  }

  #letGo(): void {
    this.#kept.splice(0, this.#next);
    this.#next = 0;
  }

  #sendOne(stream: Http2Stream, request: EncodedRequest | undefined, last: boolean): boolean {
    if (!request) return stream.sendData(noBytes, noBytes, true);
    const { bytes, compressed } = request;
    return stream.sendData(messagePrefix(bytes.length, compressed), bytes, last);
  }

  #untilTaken(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  /** One at a time, though two streams in a row may ask. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#pullOne();
    return this.#pulling;
  }

  async #pullOne(): Promise<void> {
    const step = await this.#nextRequest();
    this.#pulling = undefined;
    const request = step.done ? undefined : encodeRequest(this.#method.request, step.value, this.settings);
    this.#pulledBytes += request?.bytes.length ?? 0;
    if (this.#pulledBytes > repeatableBytes) this.repeatable = false;
    this.#kept.push(request);
  }

  async #nextRequest(): Promise<IteratorResult<Request, unknown>> {
    try {
      return await this.#requests.next();
    } catch (cause) {
      throw new StatusError('CANCELLED', 'the requests of the call failed', { cause });
    }
  }
}

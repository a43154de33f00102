/** One request and its one response: one object, found by the number of its stream. */
import type { CallOptions } from '../client.ts';
import type { Http2Stream } from '../http2/stream/stream-owner.ts';
import type { MessageCodec, MethodDefinition } from '../method.ts';
import { inflateMessage } from '../protocol/message-compression.ts';
import { messagePrefix, prefixBytes } from '../protocol/message-prefix.ts';
import { MessageReader } from '../protocol/message-reader.ts';
import { responseCardinality, responseNotDecodable } from './channel-failures.ts';
import { type CallSettings, ClientCall } from './client-call.ts';
import { decodeResponse } from './decoded-response.ts';
import { type EncodedRequest, encodeRequest } from './encoded-request.ts';

export function callOnce<Request, Response>(
  settings: CallSettings,
  method: MethodDefinition<Request, Response>,
  request: Request,
  options: CallOptions,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const encoded = encodeRequest(method.request, request, settings);
    new UnaryCall(settings, method, encoded, options, resolve, reject).begin();
  });
}

class UnaryCall<Response> extends ClientCall {
  protected sent = true;
  readonly #codec: MessageCodec<Response>;
  readonly #request: EncodedRequest;
  readonly #resolve: (response: Response | Promise<Response>) => void;
  readonly #reject: (error: unknown) => void;
  /** Decoded when the status is there: most often it is in the same read. */
  #response: Uint8Array | undefined = undefined;
  #compressed = false;
  /** For a response that does not come in one piece. */
  #reader: MessageReader | undefined = undefined;

  constructor(
    settings: CallSettings,
    { path, response }: Pick<MethodDefinition<unknown, Response>, 'path' | 'response'>,
    request: EncodedRequest,
    options: CallOptions,
    resolve: (response: Response | Promise<Response>) => void,
    reject: (error: unknown) => void,
  ) {
    super(settings, path, options);
    this.#codec = response;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  protected get repeatable(): boolean {
    return true;
  }

  taken(): void {
    this.sent = true;
  }

  protected send(stream: Http2Stream): void {
    const { bytes, compressed } = this.#request;
    this.sent = stream.sendData(messagePrefix(bytes.length, compressed), bytes, true);
  }

  protected answered(): void {
    this.#response = undefined;
  }

  protected receive(buffer: Uint8Array, start: number, end: number): void {
    this.stream?.release(end - start);
    if (
      !this.#reader &&
      !this.#response &&
      isWholeMessage(buffer, start, end, this.settings.maxMessageBytes)
    ) {
      const from = start + prefixBytes;
      this.#response = new Uint8Array(buffer.buffer, buffer.byteOffset + from, end - from);
      return;
    }
    this.#reader ??= new MessageReader(this.settings.maxMessageBytes);
    this.#reader.give(buffer, start, end);
    for (let message = this.#reader.next(); message; message = this.#reader.next()) {
      if (this.#response) throw responseCardinality(2);
      this.#response = message;
      this.#compressed = this.#reader.compressed;
    }
    this.#reader.keep();
  }

  protected end(failure: unknown): void {
    if (failure !== undefined) {
      this.#reject(failure);
      return;
    }
    try {
      this.#resolve(this.#result());
    } catch (error) {
      this.#reject(error);
    }
  }

  #result(): Response | Promise<Response> {
    const response = this.#response;
    if (this.#reader?.heldBytes) throw responseNotDecodable(new RangeError('it is cut short'));
    if (!response) throw responseCardinality(0);
    if (!this.#compressed) return this.#decode(response);
    const inflated = inflateMessage(response, this.settings.maxMessageBytes);
    return inflated instanceof Promise
      ? inflated.then((bytes) => this.#decode(bytes))
      : this.#decode(inflated);
  }

  #decode(bytes: Uint8Array): Response {
    return decodeResponse(this.#codec, bytes);
  }
}

/** Nothing but one message, uncompressed and of a size that is allowed: what a piece mostly is. */
function isWholeMessage(buffer: Uint8Array, start: number, end: number, maxBytes: number): boolean {
  const length = end - start - prefixBytes;
  return (
    length >= 0 &&
    length <= maxBytes &&
    buffer[start] === 0 &&
    ((byteAt(buffer, start + 1) << 24) |
      (byteAt(buffer, start + 2) << 16) |
      (byteAt(buffer, start + 3) << 8) |
      byteAt(buffer, start + 4)) ===
      length
  );
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

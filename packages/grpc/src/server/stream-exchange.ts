/** One call over a stream of our own HTTP/2. */
import type { Peer } from '../call.ts';
import type { Http2Stream, StreamOwner } from '../http2/stream/stream-owner.ts';
import type { Metadata } from '../metadata.ts';
import { compressMessage, inflateMessage } from '../protocol/message-compression.ts';
import { messagePrefix } from '../protocol/message-prefix.ts';
import { MessageReader } from '../protocol/message-reader.ts';
import { isStatusError, StatusError } from '../status-error.ts';
import { internal } from '../transport-failures.ts';
import { Exchange, type ExchangeSettings } from './exchange.ts';
import type { RequestHead } from './request-head.ts';
import { endFields, headFields } from './response-fields.ts';

/** What the calls of a connection have in common. */
export interface CallHost {
  readonly calls: ExchangeSettings;
  readonly maxRequestBytes: number;
  /** Responses of at least so many bytes are compressed, if the client takes that. */
  readonly compressFromBytes: number;
  readonly peer: Peer;
  /** For a call whose messages come whole, which needs one only while it is told of them. */
  spareReader: MessageReader | undefined;
}

/**
 * Bytes of the request are given back to the windows as soon as they belong to a message that is awaited; others wait here,
 * at most as many as the window of the stream has.
 */
export class StreamExchange extends Exchange implements StreamOwner {
  readonly #stream: Http2Stream;
  readonly #head: RequestHead;
  readonly #host: CallHost;
  #reader: MessageReader | undefined = undefined;
  /** A message is awaited. */
  #wanted = false;
  #pumping = false;
  #inflating = false;
  #heldBytes = 0;
  /** The client has ended the request. */
  #complete = false;
  #headSent = false;
  /** The status was sent: nobody reads any more. */
  #finished = false;

  constructor(stream: Http2Stream, head: RequestHead, host: CallHost) {
    const deadline = head.timeoutMs === undefined ? undefined : Date.now() + head.timeoutMs;
    super(head, deadline, host.calls);
    this.#stream = stream;
    this.#head = head;
    this.#host = host;
  }

  begin(endStream: boolean): void {
    this.#complete = endStream;
    this.begun(undefined);
  }

  headers(): void {}

  data(buffer: Uint8Array, start: number, end: number, endStream: boolean): void {
    if (this.#finished) {
      this.#stream.release(end - start);
      return;
    }
    this.#heldBytes += end - start;
    this.#complete = endStream;
    this.#reader ??= this.#takeReader();
    try {
      this.#reader.give(buffer, start, end);
    } catch (error) {
      this.#failFor(error);
    }
    this.#pump();
  }

  trailers(): void {
    this.#complete = true;
    this.#pump();
  }

  closed(): void {
    this.#finished = true;
    this.#reader = undefined;
    this.over();
  }

  override read(): void {
    this.#wanted = true;
    this.#pump();
  }

  /** A reset that came with the end, as those of node:http2 clients do, is told before. */
  override onceComplete(end: () => void): void {
    queueMicrotask(end);
  }

  override receivedMetadata(): Metadata {
    return this.#head.metadata();
  }

  override peer(): Peer {
    return this.#host.peer;
  }

  protected override write(bytes: Uint8Array): boolean {
    const gzip = this.#head.acceptsGzip && bytes.length >= this.#host.compressFromBytes;
    if (!this.#headSent) {
      const { shared, own } = headFields(this.#mayCompress, this.context.usedHeaders);
      this.#stream.sendHeaders(shared, own, false);
      this.#headSent = true;
    }
    const compressed = gzip ? compressMessage(bytes) : undefined;
    const message = compressed ?? bytes;
    const prefix = messagePrefix(message.length, compressed !== undefined);
    return this.#stream.sendData(prefix, message, false);
  }

  taken(): void {
    this.wrote();
  }

  protected override finish(error: unknown): void {
    const { shared, own } = endFields(error, this.context.usedTrailers, !this.#headSent);
    this.#finished = true;
    this.#release();
    if (this.#headSent) this.#stream.sendTrailers(shared, own);
    else this.#stream.sendHeaders(shared, own, true);
  }

  protected override reset(reason: StatusError): void {
    this.#stream.reset(reason.status === 'RESOURCE_EXHAUSTED' ? 'ENHANCE_YOUR_CALM' : 'CANCEL');
  }

  protected override answerSoon(bytes: Uint8Array): void {
    this.answerNow(bytes);
  }

  get #mayCompress(): boolean {
    return this.#head.acceptsGzip && this.#host.compressFromBytes < Infinity;
  }

  #failFor(error: unknown): void {
    this.abort(isStatusError(error) ? error : internal(error));
  }

  /** Gives messages to who awaits them, keeps the rest, and gives bytes back that need not wait for anybody. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#wanted && !this.#inflating && !this.#finished && this.#step());
      this.#reader?.keep();
    } catch (error) {
      this.#failFor(error);
    }
    this.#pumping = false;
    this.#release();
  }

  /** False when there is nothing that could be given. */
  #step(): boolean {
    const message = this.#reader?.next();
    if (message) {
      if (this.#reader?.compressed) this.#inflate(message);
      else this.#give(message);
      return true;
    }
    if (this.#complete) this.#end();
    return false;
  }

  #give(message: Uint8Array): void {
    this.#wanted = false;
    this.receiver.message(this, message);
  }

  #end(): void {
    this.#wanted = false;
    if (this.#reader?.heldBytes) throw new StatusError('INTERNAL', 'the request ends within a message');
    this.receiver.halfClose(this);
  }

  /** Messages behind it wait for it. */
  #inflate(message: Uint8Array): void {
    if (!this.#head.compressed) {
      throw new StatusError('INTERNAL', 'a message is compressed, and the request does not say with what');
    }
    const inflated = inflateMessage(message, this.#host.maxRequestBytes);
    if (inflated instanceof Uint8Array) {
      this.#give(inflated);
      return;
    }
    this.#inflating = true;
    inflated.then(
      (bytes) => {
        this.#inflating = false;
        if (this.#finished) return;
        this.#give(bytes);
        this.#pump();
      },
      (error) => this.abort(error),
    );
  }

  #release(): void {
    const held = this.#finished ? 0 : (this.#reader?.heldBytes ?? 0);
    if (held === 0 && this.#reader) this.#returnReader(this.#reader);
    const kept = this.#wanted && !this.#inflating ? 0 : held;
    const bytes = this.#heldBytes - kept;
    if (bytes <= 0) return;
    this.#heldBytes = kept;
    this.#stream.release(bytes);
  }

  #takeReader(): MessageReader {
    const spare = this.#host.spareReader;
    this.#host.spareReader = undefined;
    return spare ?? new MessageReader(this.#host.maxRequestBytes);
  }

  #returnReader(reader: MessageReader): void {
    this.#reader = undefined;
    if (reader.heldBytes === 0) this.#host.spareReader = reader;
  }
}

/** One call on the wire of grpc-js. */
import { constants } from 'node:http2';
import type { Metadata as GrpcJsMetadata, ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { Peer } from '../call.ts';
import { Metadata } from '../metadata.ts';
import { Exchange, type ExchangeSettings } from '../server/exchange.ts';
import type { OfferedMethod } from '../server/method-table.ts';
import type { StatusError } from '../status-error.ts';
import { metadataTooLarge } from '../transport-failures.ts';
import { afterReading } from './after-reading.ts';
import type { Arrival } from './arrivals.ts';
import { fromGrpcJsMetadata, toGrpcJsMetadata } from './metadata-conversion.ts';
import { peerOf } from './peer-of-call.ts';
import { toStatus } from './status-conversion.ts';

interface Surroundings {
  readonly maxMetadataBytes: number;
  /** Of what the server listens on; undefined when that is a port. */
  readonly unixPath: string | undefined;
}

/** Its `onReceive` methods and `onCancel` are what grpc-js calls. */
export class GrpcJsExchange extends Exchange {
  readonly #transport: ServerInterceptingCallInterface;
  readonly #arrival: Arrival;
  readonly #surroundings: Surroundings;
  #received: GrpcJsMetadata | undefined;
  #peer: Peer | undefined;
  #headersSent = false;

  constructor(
    method: OfferedMethod,
    settings: ExchangeSettings,
    transport: ServerInterceptingCallInterface,
    arrival: Arrival,
    surroundings: Surroundings,
  ) {
    super(method, arrival.deadline, settings);
    this.#transport = transport;
    this.#arrival = arrival;
    this.#surroundings = surroundings;
  }

  /** Nothing comes of it when the stream is closed already. */
  begin(): void {
    this.#transport.start(this);
  }

  onReceiveMetadata(metadata: GrpcJsMetadata): void {
    this.#received = metadata;
    const { metadataBytes } = this.#arrival;
    const limit = this.#surroundings.maxMetadataBytes;
    this.begun(metadataBytes > limit ? metadataTooLarge(metadataBytes, limit) : undefined);
  }

  onReceiveMessage(bytes: Uint8Array): void {
    this.receiver.message(this, bytes);
  }

  onReceiveHalfClose(): void {
    this.receiver.halfClose(this);
  }

  onCancel(): void {
    this.over();
  }

  override read(): void {
    this.#transport.startRead();
  }

  /**
   * Lets the event loop poll once more. To cancel a call, node:http2 clients, grpc-js's too, end the stream and reset
   * it right after.
   */
  override onceComplete(end: () => void): void {
    setImmediate(() => setImmediate(end));
  }

  override receivedMetadata(): Metadata {
    return this.#received ? fromGrpcJsMetadata(this.#received) : new Metadata();
  }

  override peer(): Peer {
    this.#peer ??= peerOf(this.#transport, this.#arrival.stream, this.#surroundings.unixPath);
    return this.#peer;
  }

  protected override write(bytes: Uint8Array): boolean {
    const { usedHeaders } = this.context;
    if (usedHeaders && !this.#headersSent) this.#transport.sendMetadata(toGrpcJsMetadata(usedHeaders));
    this.#headersSent = true;
    this.#transport.sendMessage(bytes, () => this.wrote());
    return false;
  }

  protected override finish(error: unknown): void {
    const { usedTrailers } = this.context;
    if (error !== undefined) this.#transport.sendStatus(toStatus(error, usedTrailers));
    else this.#transport.sendStatus({ code: 0, details: '', metadata: toGrpcJsMetadata(usedTrailers) });
  }

  protected override reset(reason: StatusError): void {
    const exhausted = reason.status === 'RESOURCE_EXHAUSTED';
    this.#arrival.stream.close(exhausted ? constants.NGHTTP2_ENHANCE_YOUR_CALM : constants.NGHTTP2_CANCEL);
  }

  protected override answerSoon(bytes: Uint8Array): void {
    afterReading(() => this.answerNow(bytes));
  }
}

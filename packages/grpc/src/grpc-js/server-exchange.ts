/** One call on the wire: what serving code does to it, and what the wire does to serving code. */
import { constants } from 'node:http2';
import type { Metadata as GrpcJsMetadata, ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { SendBudget, SendLane } from '../send-budget.ts';
import type { StatusError } from '../status-error.ts';
import { after } from '../timer.ts';
import { cancelled, deadlineExceeded, metadataTooLarge } from '../transport-failures.ts';
import { afterReading } from './after-reading.ts';
import type { Arrival } from './arrivals.ts';
import { CallContext } from './call-context.ts';
import { toGrpcJsMetadata } from './metadata-conversion.ts';
import { toStatus } from './status-conversion.ts';

/** Takes what the client sends, a message for each `read()`. */
export interface RequestReceiver {
  begin(): void;
  message(bytes: Uint8Array): void;
  halfClose(): void;
  /** Nothing more will come. */
  abort(reason: StatusError): void;
}

export interface ExchangeSettings {
  readonly maxMetadataBytes: number;
  readonly budget: SendBudget;
  onBegin(exchange: ServerExchange): void;
  /** The stream is closed and no handler runs. */
  onOver(exchange: ServerExchange): void;
}

/** An answer of this size fits the window that every stream starts with, so that it is not worth a lane. */
const unbudgetedAnswerBytes = 16_384;
/** The client's own timer for the same deadline may cancel the call a little before ours fires. */
const deadlineSlackMs = 20;

/** Its `onReceive` methods and `onCancel` are what grpc-js calls. */
export class ServerExchange {
  readonly context: CallContext;
  /** In the roster of its server. */
  place = -1;
  readonly #transport: ServerInterceptingCallInterface;
  readonly #arrival: Arrival;
  readonly #settings: ExchangeSettings;
  #receiver: RequestReceiver | undefined;
  #deadlineTimer: Disposable | undefined;
  #lane: SendLane | undefined;
  #interrupt: ((reason: StatusError) => void) | undefined;
  #handling = false;
  /** The status was given to the transport. */
  #answered = false;
  /** A message was given to the transport and was not taken. */
  #sending = false;
  #closed = false;

  constructor(
    path: string,
    transport: ServerInterceptingCallInterface,
    arrival: Arrival,
    settings: ExchangeSettings,
  ) {
    this.context = new CallContext(path, arrival.deadline, transport, (reason) => this.abort(reason));
    this.#transport = transport;
    this.#arrival = arrival;
    this.#settings = settings;
  }

  /** Nothing comes of it when the stream is closed already. */
  begin(receiver: RequestReceiver): void {
    this.#receiver = receiver;
    this.#transport.start(this);
  }

  /** Asks for the next message, or the end, of the request. */
  read(): void {
    this.#transport.startRead();
  }

  onReceiveMetadata(metadata: GrpcJsMetadata): void {
    this.#settings.onBegin(this);
    this.context.receive(metadata);
    const { deadline, metadataBytes } = this.#arrival;
    const { maxMetadataBytes } = this.#settings;
    if (metadataBytes > maxMetadataBytes) {
      this.abort(metadataTooLarge(metadataBytes, maxMetadataBytes));
      return;
    }
    if (deadline !== undefined) {
      this.#deadlineTimer = after(Math.max(deadline - Date.now(), 0), () => this.abort(deadlineExceeded()));
    }
    this.#receiver?.begin();
  }

  onReceiveMessage(bytes: Uint8Array): void {
    this.#receiver?.message(bytes);
  }

  onReceiveHalfClose(): void {
    this.#receiver?.halfClose();
  }

  /** The call's stream is closed, after its status or without. */
  onCancel(): void {
    if (!this.#answered) {
      const { deadline = Infinity } = this.#arrival;
      this.#end(Date.now() >= deadline - deadlineSlackMs ? deadlineExceeded() : cancelled());
    }
    this.#closed = true;
    this.#deadlineTimer?.[Symbol.dispose]();
    this.#lane?.close();
    if (!this.#handling) this.#settings.onOver(this);
  }

  handlerBegins(): void {
    this.#handling = true;
  }

  handlerEnds(): void {
    this.#handling = false;
    if (this.#closed) this.#settings.onOver(this);
  }

  /** What is to be told when the call is aborted; it may be aborted already. */
  onAbort(interrupt: (reason: StatusError) => void): void {
    this.#interrupt = interrupt;
    if (this.context.abortReason) interrupt(this.context.abortReason);
  }

  /**
   * Sends a message of a stream, and calls `taken` when the transport has taken it: when flow control has let the last
   * of its bytes through to the socket. Not called when the call has ended before.
   */
  send(bytes: Uint8Array, taken: () => void): void {
    if (this.#answered) return;
    const lane = this.#openLane();
    const sent = this.#sent(lane, taken);
    lane.give(bytes.length, () => this.#transmit(bytes, sent));
  }

  /** Made apart from `send`, whose closures keep the message alive: only grpc-js's copy is held until it is taken. */
  #sent(lane: SendLane, taken: () => void): () => void {
    return () => {
      this.#sending = false;
      lane.taken();
      taken();
    };
  }

  #transmit(bytes: Uint8Array, sent: () => void): void {
    this.#sending = true;
    this.#transport.sendMessage(bytes, sent);
  }

  /** Ends the call with its only message. */
  answer(bytes: Uint8Array): void {
    if (this.#answered) return;
    const send = () => afterReading(() => this.#answer(bytes));
    if (bytes.length <= unbudgetedAnswerBytes) send();
    else this.#openLane().give(bytes.length, send);
  }

  #answer(bytes: Uint8Array): void {
    if (this.#answered) return;
    try {
      this.#transmit(bytes, () => {
        this.#sending = false;
      });
      this.succeed();
    } catch (error) {
      this.fail(error);
    }
  }

  succeed(): void {
    if (this.#answered) return;
    this.#answered = true;
    const metadata = toGrpcJsMetadata(this.context.usedTrailers);
    this.#transport.sendStatus({ code: 0, details: '', metadata });
  }

  fail(error: unknown): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#transport.sendStatus(toStatus(error, this.context.usedTrailers));
  }

  /**
   * Ends the call at once, whatever its handler does. Behind a message that the client does not read no status gets
   * through: such a stream is reset, which also frees the message.
   */
  abort(reason: StatusError): void {
    if (this.#sending) {
      this.#end(reason);
      const exhausted = reason.status === 'RESOURCE_EXHAUSTED';
      this.#arrival.stream.close(exhausted ? constants.NGHTTP2_ENHANCE_YOUR_CALM : constants.NGHTTP2_CANCEL);
    } else if (!this.#answered) {
      this.#transport.sendStatus(toStatus(reason, this.context.usedTrailers));
      this.#end(reason);
    }
  }

  #end(reason: StatusError): void {
    this.#answered = true;
    this.#lane?.close();
    this.context.ended(reason);
    this.#receiver?.abort(reason);
    this.#interrupt?.(reason);
  }

  #openLane(): SendLane {
    this.#lane ??= this.#settings.budget.open((reason) => this.abort(reason));
    return this.#lane;
  }
}

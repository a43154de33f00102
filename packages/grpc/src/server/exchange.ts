/** One call on a server, whatever carries it: what serving code does to it, and what its transport tells it. */
import type { Peer } from '../call.ts';
import type { Deadlines, Due, DueSlot } from '../deadlines.ts';
import type { Metadata } from '../metadata.ts';
import type { SendBudget, SendLane } from '../send-budget.ts';
import type { StatusError } from '../status-error.ts';
import { cancelled, deadlineExceeded } from '../transport-failures.ts';
import { CallContext, type CallSource } from './call-context.ts';

/** Takes what the client sends, a message for each `read()`. */
export interface RequestReceiver {
  begin(exchange: Exchange): void;
  message(exchange: Exchange, bytes: Uint8Array): void;
  halfClose(exchange: Exchange): void;
  /** Nothing more will come. */
  abort(reason: StatusError): void;
}

/** Where the messages of a response stream come from. */
export interface ResponseSource {
  /** The transport has taken the message that was sent last: the next may be sent. */
  taken(): void;
  /** The call has ended: nothing more is sent. */
  aborted(reason: unknown): void;
}

export interface ExchangedMethod {
  readonly path: string;
  readonly serve: (exchange: Exchange) => RequestReceiver;
}

export interface ExchangeSettings {
  readonly budget: SendBudget;
  readonly deadlines: Deadlines;
  onBegin(exchange: Exchange): void;
  /** The stream is closed and no handler runs. */
  onOver(exchange: Exchange): void;
}

/** An answer of this size fits the window that every stream starts with, so that it is not worth a lane. */
const unbudgetedAnswerBytes = 16_384;
/** The client's own timer for the same deadline may cancel the call a little before ours fires. */
const deadlineSlackMs = 20;

/** A transport extends it by how it reads and writes. */
export abstract class Exchange implements CallSource, Due, SendLane {
  readonly context: CallContext;
  /** In the roster of its server. */
  place = -1;
  dueAt = 0;
  dueSlot: DueSlot | undefined = undefined;
  duePlace = 0;
  laneBytes = -1;
  laneSince = 0;
  /** The request of a method that takes exactly one has come. */
  hasSoleRequest = false;
  #soleRequest: Uint8Array | undefined;
  protected readonly receiver: RequestReceiver;
  readonly #settings: ExchangeSettings;
  /** Given away, and waiting in the lane. */
  #message: Uint8Array | undefined;
  /** Undefined for an answer of one message. */
  #source: ResponseSource | undefined;
  #handling = false;
  /** The status was given to the transport, or nobody waits for it any more. */
  #answered = false;
  /** A message was given to the transport and was not taken. */
  #sending = false;
  #closed = false;

  /** @param deadline epoch milliseconds */
  constructor(method: ExchangedMethod, deadline: number | undefined, settings: ExchangeSettings) {
    this.context = new CallContext(method.path, deadline, this);
    this.#settings = settings;
    this.receiver = method.serve(this);
  }

  /** Asks for the next message, or the end, of the request. */
  abstract read(): void;
  /** Calls `end` when a request whose end has come can no longer turn out to be cut short. */
  abstract onceComplete(end: () => void): void;
  abstract receivedMetadata(): Metadata;
  abstract peer(): Peer;
  /** Sends a message. True when it was taken at once; otherwise `wrote` is called when it was. */
  protected abstract write(bytes: Uint8Array): boolean;
  /** Sends the status behind what was written: OK when there is no error. */
  protected abstract finish(error: unknown): void;
  /** Ends the stream without a status, with what was not taken of it. */
  protected abstract reset(reason: StatusError): void;
  /** Calls `answerNow` when it suits the transport. */
  protected abstract answerSoon(bytes: Uint8Array): void;

  /** The transport has the head of the call. A call that is refused ends here. */
  protected begun(refusal: StatusError | undefined): void {
    this.#settings.onBegin(this);
    if (refusal) {
      this.abort(refusal);
      return;
    }
    const { deadline } = this.context;
    if (deadline !== undefined) this.#settings.deadlines.add(this, Math.max(deadline - Date.now(), 0));
    this.receiver.begin(this);
  }

  onDue(): void {
    this.abort(deadlineExceeded());
  }

  /** The call's stream is closed, after its status or without. */
  protected over(): void {
    if (!this.#answered) {
      const { deadline = Infinity } = this.context;
      this.#end(Date.now() >= deadline - deadlineSlackMs ? deadlineExceeded() : cancelled());
    }
    this.#closed = true;
    this.#settings.deadlines.delete(this);
    this.#settings.budget.release(this);
    if (!this.#handling) this.#settings.onOver(this);
  }

  /** False when there is one already. */
  keepSoleRequest(bytes: Uint8Array): boolean {
    if (this.hasSoleRequest) return false;
    this.hasSoleRequest = true;
    this.#soleRequest = bytes;
    return true;
  }

  /** Once. Held no longer than until it is decoded, because it may be a view on much more that was read. */
  takeSoleRequest(): Uint8Array {
    const bytes = this.#soleRequest;
    this.#soleRequest = undefined;
    if (!bytes) throw new Error('the request was taken already');
    return bytes;
  }

  handlerBegins(): void {
    this.#handling = true;
  }

  handlerEnds(): void {
    this.#handling = false;
    if (this.#closed) this.#settings.onOver(this);
  }

  /** The response is a stream. The call may have ended already. */
  answerFrom(source: ResponseSource): void {
    this.#source = source;
    const { endReason } = this.context;
    if (endReason) source.aborted(endReason);
  }

  /**
   * Sends a message of the stream. Its source is told when the transport has taken it: when flow control has let the last of
   * its bytes through to the socket.
   */
  send(bytes: Uint8Array): void {
    if (!this.#answered) this.#queue(bytes);
  }

  /** Ends the call with its only message. */
  answer(bytes: Uint8Array): void {
    if (this.#answered) return;
    if (bytes.length <= unbudgetedAnswerBytes) this.answerSoon(bytes);
    else this.#queue(bytes);
  }

  /** There is room for the message. */
  admitted(): void {
    const message = this.#message;
    this.#message = undefined;
    if (!message) return;
    if (this.#source) this.#transmit(message);
    else this.answerSoon(message);
  }

  /** The stream stood still while others waited for room. */
  stalled(reason: StatusError): void {
    this.abort(reason);
  }

  protected answerNow(bytes: Uint8Array): void {
    if (this.#answered) return;
    try {
      this.#transmit(bytes);
      this.succeed();
    } catch (error) {
      this.fail(error);
    }
  }

  /** The transport has taken what `write` left. */
  protected wrote(): void {
    this.#sending = false;
    this.#settings.budget.release(this);
    if (!this.#answered) this.#source?.taken();
  }

  succeed(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.finish(undefined);
  }

  fail(error: unknown): void {
    if (this.#answered) return;
    this.#answered = true;
    this.finish(error);
  }

  /**
   * Ends the call at once, whatever its handler does. Behind a message that the client does not read no status gets
   * through: such a stream is reset, which also frees the message.
   */
  abort(reason: StatusError): void {
    if (this.#sending) {
      this.#end(reason);
      this.reset(reason);
    } else if (!this.#answered) {
      // Before it is sent, because the stream may be over with it.
      this.#answered = true;
      this.finish(reason);
      this.#end(reason);
    }
  }

  #transmit(bytes: Uint8Array): void {
    this.#sending = true;
    if (this.write(bytes)) this.wrote();
  }

  #end(reason: StatusError): void {
    this.#answered = true;
    this.#settings.budget.release(this);
    this.#message = undefined;
    this.context.ending.abort(reason);
    this.receiver.abort(reason);
    this.#source?.aborted(reason);
  }

  #queue(bytes: Uint8Array): void {
    this.#message = bytes;
    this.#settings.budget.give(this, bytes.length);
  }
}

/** A call of a client from its beginning to its status: what unary calls and streams have in common. */
import { setMaxListeners } from 'node:events';
import type { CallOptions } from '../client.ts';
import type { Deadlines, Due, DueSlot } from '../deadlines.ts';
import type { HeaderBlock, HeaderField, HeaderFields } from '../http2/header-fields.ts';
import type { Http2Stream, StreamFailure, StreamOwner } from '../http2/stream/stream-owner.ts';
import { formatGrpcTimeout } from '../protocol/grpc-timeout.ts';
import { failureOfReset } from '../protocol/http-failures.ts';
import { metadataFields, metadataOf } from '../protocol/metadata-fields.ts';
import { StatusError } from '../status-error.ts';
import type { Clock } from '../timer.ts';
import { deadlineExceeded } from '../transport-failures.ts';
import { cancelledByCaller } from './channel-failures.ts';
import type { Line } from './line.ts';
import type { RequestHeads } from './request-heads.ts';
import { failureOfHead, failureOfTrailers, missingStatus } from './response-head.ts';
import type { WaitingCall } from './waiting-calls.ts';

/** Finds connections for calls. */
export interface Dispatch {
  /** Starts or refuses the call, now or later. */
  begin(call: WaitingCall): void;
  /** It need not be started any more. */
  forget(call: WaitingCall): void;
}

/** The same for all calls of a channel. */
export interface CallSettings {
  readonly dispatch: Dispatch;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly heads: RequestHeads;
  readonly maxMessageBytes: number;
  readonly maxMetadataBytes: number;
  readonly gzip: boolean;
}

const noFields: HeaderFields = [];
const deadlineSlackMs = 20;

/** Its own owner of its stream, entry of the deadlines and listener of the caller's signal, so that it is one object. */
export abstract class ClientCall implements StreamOwner, Due, WaitingCall {
  dueAt = 0;
  dueSlot: DueSlot | undefined = undefined;
  duePlace = 0;
  earlier: WaitingCall | undefined = undefined;
  later: WaitingCall | undefined = undefined;
  waiting = false;
  protected readonly settings: CallSettings;
  protected readonly options: CallOptions;
  /** Has a status, though its stream may not be closed yet. */
  protected over = false;
  protected stream: Http2Stream | undefined = undefined;
  readonly #path: string;
  #line: Line | undefined = undefined;
  #answered = false;
  #startedAgain = false;

  constructor(settings: CallSettings, path: string, options: CallOptions) {
    this.settings = settings;
    this.#path = path;
    this.options = options;
  }

  get waitForReady(): boolean {
    return this.options.waitForReady === true;
  }

  /** Throws a StatusError when it is cancelled already. */
  begin(): void {
    const { signal, timeoutMs = Infinity } = this.options;
    if (signal) {
      if (signal.aborted) throw cancelledByCaller(signal.reason);
      // One signal may stand for any number of calls at once; Node would take the eleventh for a leak.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', this);
    }
    if (timeoutMs <= 0) this.settle(deadlineExceeded(), noFields);
    else {
      this.settings.deadlines.add(this, timeoutMs);
      this.settings.dispatch.begin(this);
    }
  }

  start(line: Line): void {
    this.#line = line;
    this.stream = line.open(this, this.settings.heads.of(this.#path), this.#ownFields());
    this.send(this.stream);
  }

  refuse(failure: StatusError): void {
    this.settle(failure, noFields);
  }

  onDue(): void {
    this.abandon(deadlineExceeded());
  }

  handleEvent(): void {
    this.abandon(cancelledByCaller(this.options.signal?.reason));
  }

  headers(block: HeaderBlock, endStream: boolean): void {
    if (this.#line) this.#line.answered = true;
    if (this.over) return;
    const { maxMetadataBytes } = this.settings;
    if (endStream) {
      this.settle(failureOfTrailers(block, true, maxMetadataBytes), block.fields);
      return;
    }
    const failure = failureOfHead(block, maxMetadataBytes);
    if (failure) {
      this.abandon(failure);
      return;
    }
    this.#answered = true;
    this.answered();
    try {
      this.options.onHeaders?.(metadataOf(block.fields));
    } catch (error) {
      this.abandon(error);
    }
  }

  data(buffer: Uint8Array, start: number, end: number, endStream: boolean): void {
    if (this.over) return;
    try {
      this.receive(buffer, start, end);
    } catch (error) {
      this.abandon(error);
    }
    if (endStream) this.settle(missingStatus(), noFields);
  }

  trailers(block: HeaderBlock): void {
    if (this.over) return;
    this.settle(failureOfTrailers(block, false, this.settings.maxMetadataBytes), block.fields);
  }

  closed(failure: StreamFailure | undefined): void {
    const line = this.#line;
    this.#line = undefined;
    this.stream = undefined;
    line?.over();
    if (this.over) return;
    if (failure?.unprocessed && !this.#startedAgain && !this.#answered && this.repeatable) {
      this.#startedAgain = true;
      this.settings.dispatch.begin(this);
    } else this.settle(this.#lossOf(failure), noFields);
  }

  #lossOf(failure: StreamFailure | undefined): StatusError {
    if (!failure) return missingStatus();
    const { by, code, message } = failure;
    if (by !== 'peer') return new StatusError(by === 'connection' ? 'UNAVAILABLE' : 'INTERNAL', message);
    // The server's clock for the same deadline may be a little ahead of ours.
    const late = this.dueSlot !== undefined && this.settings.clock.now() >= this.dueAt - deadlineSlackMs;
    return code === 'CANCEL' && late ? deadlineExceeded() : failureOfReset(code);
  }

  abstract taken(): void;
  /** All that was sent can be sent again. */
  protected abstract readonly repeatable: boolean;
  /** The transport has taken all of the request. */
  protected abstract readonly sent: boolean;
  /** Sends the request, or begins to. */
  protected abstract send(stream: Http2Stream): void;
  /** The head of the response is there: the server has seen the call. */
  protected abstract answered(): void;
  /** Throws what the call fails with. */
  protected abstract receive(buffer: Uint8Array, start: number, end: number): void;
  /** The status is there, undefined for OK; `abandoned` when this side made it. Called once. */
  protected abstract end(failure: unknown, abandoned: boolean): void;

  /** Ends the call on this side: the server need not go on. */
  protected abandon(failure: unknown): void {
    if (this.over) return;
    const { stream } = this;
    this.settle(failure, noFields, true);
    stream?.reset('CANCEL');
  }

  /** Nobody waits for the call any more, nor for its status. */
  protected leave(): void {
    if (this.over) return;
    this.#release();
    this.stream?.reset('CANCEL');
  }

  protected settle(failure: unknown, fields: HeaderFields, abandoned = false): void {
    if (this.over) return;
    this.#release();
    let outcome = failure;
    try {
      this.options.onTrailers?.(metadataOf(fields));
    } catch (error) {
      outcome = error;
    }
    this.end(outcome, abandoned);
    // What is left of the request nobody reads any more.
    if (!this.sent && !abandoned) this.stream?.reset('CANCEL');
  }

  #release(): void {
    this.over = true;
    this.settings.dispatch.forget(this);
    this.settings.deadlines.delete(this);
    this.options.signal?.removeEventListener('abort', this);
  }

  #ownFields(): HeaderField[] | undefined {
    const { metadata, timeoutMs = Infinity } = this.options;
    if (!metadata && timeoutMs === Infinity) return undefined;
    const fields = metadata ? metadataFields(metadata) : [];
    if (timeoutMs !== Infinity) {
      const leftMs = this.dueAt - this.settings.clock.now();
      fields.push({ name: 'grpc-timeout', value: formatGrpcTimeout(leftMs) });
    }
    return fields;
  }
}

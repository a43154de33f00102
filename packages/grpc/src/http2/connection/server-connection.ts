/** The server's end of a connection. */
import type { Duplex } from 'node:stream';
import { ConnectionError, type ErrorCodeName } from '../error-code.ts';
import { PrefaceReader } from '../frames/preface-reader.ts';
import type { HeaderBlock } from '../header-fields.ts';
import { ConnectionStream } from '../stream/connection-stream.ts';
import { checkBlock } from '../stream/header-rules.ts';
import { futileStreams } from './abuse-bounds.ts';
import { Allowance } from './allowance.ts';
import { ConnectionAge } from './connection-age.ts';
import { connectionDefaults, type ServerConnectionOptions } from './connection-options.ts';
import type { AcceptConnection, ServerConnection, ServerConnectionEvents } from './connection-roles.ts';
import { Http2Connection } from './http2-connection.ts';
import { maxStreamId, settingIds } from './peer-settings.ts';
import { PingStrikes } from './ping-strikes.ts';
import { endings } from './stream-table.ts';

export const acceptConnection: AcceptConnection = (socket, options, events) =>
  new ServerSide(socket, options, events);

const drainPayload = Buffer.from('draining');

class ServerSide extends Http2Connection implements ServerConnection {
  readonly peerIsServer = false;
  readonly #events: ServerConnectionEvents;
  readonly #maxStreams: number;
  readonly #preface = new PrefaceReader();
  readonly #strikes: PingStrikes;
  readonly #futile: Allowance;
  readonly #age: ConnectionAge;
  /** Highest stream that has come; those above `lastPeerStream` came after the second GOAWAY and are ignored. */
  #lastSeen = 0;
  #lastAccepted = 0;
  #drain: 'no' | 'announced' | 'refusing' = 'no';
  #drainTimer: Disposable | undefined;

  constructor(socket: Duplex, options: ServerConnectionOptions, events: ServerConnectionEvents) {
    const maxStreams = options.maxConcurrentStreams ?? connectionDefaults.maxConcurrentStreams;
    super(socket, options, maxStreams);
    this.#events = events;
    const { clock, maxAgeMs, maxAgeGraceMs, maxIdleMs } = options;
    this.#maxStreams = maxStreams;
    this.#strikes = new PingStrikes(clock, options.minPingIntervalMs ?? connectionDefaults.minPingIntervalMs);
    this.#futile = new Allowance({ ...futileStreams, clock });
    this.#age = new ConnectionAge({
      clock,
      maxAgeMs,
      maxAgeGraceMs,
      maxIdleMs,
      isIdle: () => this.openStreams === 0,
      drain: () => this.drain(),
      force: () => this.close('NO_ERROR'),
    });
    this.announce([[settingIds.maxConcurrentStreams, this.#maxStreams]]);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  get lastPeerStream(): number {
    return this.#lastAccepted;
  }

  drain(): void {
    if (this.#drain !== 'no' || this.over) return;
    this.#drain = 'announced';
    // Streams that are on their way are still taken: the answer to the PING comes behind them (RFC 9113, section 6.8).
    this.frames.goAway(maxStreamId, 'NO_ERROR', '');
    this.frames.ping(drainPayload, 0, false);
    this.output.schedule();
    const { clock, keepaliveTimeoutMs } = this.options;
    this.#drainTimer = clock.after(keepaliveTimeoutMs ?? connectionDefaults.keepaliveTimeoutMs, () =>
      this.#refuseFurther(),
    );
  }

  isIdle(streamId: number): boolean {
    return streamId > this.#lastSeen || streamId % 2 === 0;
  }

  opened(streamId: number, block: HeaderBlock, endStream: boolean): void {
    if (streamId % 2 === 0) throw new ConnectionError('PROTOCOL_ERROR', 'streams of a client are odd');
    this.#lastSeen = streamId;
    if (this.#drain === 'refusing') {
      this.table.note(streamId, endings.resetHere);
      return;
    }
    this.#lastAccepted = streamId;
    const { fault, contentLength } = checkBlock(block, 'request');
    if (fault || (endStream && contentLength > 0)) this.refuse(streamId, 'PROTOCOL_ERROR');
    else if (this.openStreams >= this.#maxStreams) this.refuse(streamId, 'REFUSED_STREAM');
    else this.#open(streamId, block, endStream, contentLength);
  }

  #open(streamId: number, block: HeaderBlock, endStream: boolean, contentLength: number): void {
    this.useful();
    const stream = new ConnectionStream(
      streamId,
      this,
      this.peer.initialWindowBytes,
      this.inbound.initialBytes,
      true,
    );
    stream.receivedEnd = endStream;
    stream.expectedBytes = contentLength;
    this.table.add(stream);
    const owner = this.#events.stream(stream, block, endStream);
    stream.owner = owner;
    // Answered or reset by then: nobody was there to be told.
    if (stream.closed) owner.closed(stream.failure);
  }

  pinged(): void {
    this.#strikes.pinged();
  }

  override moved(): void {
    super.moved();
    this.#strikes.clear();
  }

  pingAcknowledged(payload: Uint8Array): void {
    if (this.#drain === 'announced' && drainPayload.equals(payload)) this.#refuseFurther();
  }

  /** Of a client, which is not pushed to: it concerns no stream. */
  wentAway(_lastStream: number, _code: ErrorCodeName, _debugText: string): void {}

  futile(): void {
    if (!this.#futile.spend(1)) {
      throw new ConnectionError('ENHANCE_YOUR_CALM', 'too many streams were opened for nothing');
    }
  }

  protected streamClosed(complete: boolean): void {
    if (complete) this.#futile.earn(1);
    if (this.openStreams > 0) return;
    this.#age.idle();
    if (this.#drain === 'refusing') this.close('NO_ERROR');
  }

  mayAsk(): boolean {
    return true;
  }

  protected ending(): void {}

  protected told(error: Error | undefined): void {
    this.#age.stop();
    this.#drainTimer?.[Symbol.dispose]();
    this.#events.closed(error instanceof ConnectionError ? error : undefined);
  }

  #read(chunk: Buffer): void {
    if (this.#preface.done) {
      this.receive(chunk);
      return;
    }
    this.guard(() => {
      const from = this.#preface.read(chunk);
      if (this.#preface.done) this.receive(chunk.subarray(from));
    });
  }

  #refuseFurther(): void {
    if (this.over || this.#drain === 'refusing') return;
    this.#drain = 'refusing';
    this.#drainTimer?.[Symbol.dispose]();
    if (this.openStreams === 0) {
      this.close('NO_ERROR');
      return;
    }
    this.frames.goAway(this.#lastAccepted, 'NO_ERROR', '');
    this.output.schedule();
  }
}

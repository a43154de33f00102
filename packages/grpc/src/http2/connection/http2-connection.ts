/** What both ends of a connection have: its parts, its streams and its end. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConnectionError, type ErrorCodeName } from '../error-code.ts';
import { FrameReader } from '../frames/frame-reader.ts';
import { FrameWriter } from '../frames/frame-writer.ts';
import { OutputBuffer } from '../frames/output-buffer.ts';
import type { HeaderBlock, HeaderFields } from '../header-fields.ts';
import { HpackEncoder } from '../hpack/hpack-encoder.ts';
import type { ConnectionStream, StreamHost } from '../stream/connection-stream.ts';
import type { StreamFailure } from '../stream/stream-owner.ts';
import { idleFrames } from './abuse-bounds.ts';
import { Allowance } from './allowance.ts';
import { Beginning } from './beginning.ts';
import { type ConnectionOptions, connectionDefaults } from './connection-options.ts';
import { FrameIntake } from './frame-intake.ts';
import { InboundFlow } from './inbound-flow.ts';
import { type Asking, Keepalive } from './keepalive.ts';
import { OutboundFlow } from './outbound-flow.ts';
import { PeerSettings, type SettingsEntry, settingIds } from './peer-settings.ts';
import { lost, SocketEnd } from './socket-end.ts';
import { SocketOutput } from './socket-output.ts';
import { type Ending, endings, StreamTable } from './stream-table.ts';

const keepalivePayload = Buffer.from('keepaliv');

/** The frames of the peer come by way of a FrameIntake, which calls what is public here. */
export abstract class Http2Connection implements StreamHost, Asking {
  readonly table: StreamTable;
  readonly peer = new PeerSettings();
  readonly encoder = new HpackEncoder();
  readonly frames: FrameWriter;
  readonly output: SocketOutput;
  readonly outbound: OutboundFlow;
  readonly inbound: InboundFlow;
  readonly idleFrames: Allowance;
  readonly options: ConnectionOptions;
  readonly keepalive: Keepalive | undefined;
  /** The last frame was written: nothing is read any more. */
  over = false;
  readonly #reader: FrameReader;
  readonly #end: SocketEnd;
  readonly #beginning: Beginning;
  #error: ConnectionError | undefined;

  constructor(socket: Duplex, options: ConnectionOptions, maxStreams: number) {
    this.options = options;
    this.table = new StreamTable(maxStreams);
    const { clock } = options;
    if (socket instanceof Socket) socket.setNoDelay(true);
    const buffer = new OutputBuffer();
    this.frames = new FrameWriter(buffer, this.encoder);
    this.output = new SocketOutput(socket, buffer, {
      drained: () => this.guard(() => this.outbound.pump()),
      unread: () => this.fail(new ConnectionError('ENHANCE_YOUR_CALM', 'the peer does not read')),
    });
    this.outbound = new OutboundFlow(this.frames, this.output, {
      moved: () => this.moved(),
      ended: (stream) => this.sideEnded(stream),
    });
    this.inbound = new InboundFlow(
      this.frames,
      this.output,
      options.streamWindowBytes ?? connectionDefaults.streamWindowBytes,
      options.connectionWindowBytes ?? connectionDefaults.connectionWindowBytes,
    );
    this.idleFrames = new Allowance({ ...idleFrames, clock });
    this.#reader = new FrameReader(new FrameIntake(this));
    this.#end = new SocketEnd(socket, clock, {
      ended: () => this.#peerEnded(),
      closed: (error) => this.#socketClosed(error),
    });
    this.#beginning = new Beginning(
      clock,
      options.prefaceTimeoutMs ?? connectionDefaults.prefaceTimeoutMs,
      () => this.fail(new ConnectionError('SETTINGS_TIMEOUT', 'the peer does not begin')),
    );
    this.keepalive = this.#keptAlive();
  }

  get openStreams(): number {
    return this.table.size;
  }

  /** Highest stream of the peer that may have been acted on. */
  abstract readonly lastPeerStream: number;
  abstract readonly peerIsServer: boolean;
  /** Whether frames for it come before the HEADERS that open it. */
  abstract isIdle(streamId: number): boolean;
  /** HEADERS for a stream that is idle. */
  abstract opened(streamId: number, block: HeaderBlock, endStream: boolean): void;
  abstract pinged(): void;
  abstract pingAcknowledged(payload: Uint8Array): void;
  abstract wentAway(lastStream: number, code: ErrorCodeName, debugText: string): void;
  /** A stream came to nothing, by a reset of the peer or by one that it made us send. */
  abstract futile(): void;
  protected abstract streamClosed(complete: boolean): void;
  abstract mayAsk(): boolean;
  /** Nothing more is sent or received; the socket is about to be closed. */
  protected abstract ending(code: ErrorCodeName, message: string): void;
  protected abstract told(error: Error | undefined): void;

  protected receive(chunk: Uint8Array): void {
    if (this.over) return;
    this.keepalive?.heard();
    try {
      this.#reader.read(chunk);
    } catch (error) {
      this.#failFor(error);
    }
  }

  /** A frame that moves something came or went. */
  useful(): void {
    this.idleFrames.earn(idleFrames.perUsefulFrame);
  }

  /** Such a frame went. */
  moved(): void {
    this.useful();
  }

  protected announce(entries: readonly SettingsEntry[]): void {
    const { streamWindowBytes, maxHeaderListBytes } = connectionDefaults;
    this.frames.settings([
      ...entries,
      [settingIds.initialWindowBytes, this.options.streamWindowBytes ?? streamWindowBytes],
      [settingIds.maxHeaderListBytes, this.options.maxHeaderListBytes ?? maxHeaderListBytes],
    ]);
    this.inbound.announce();
    this.output.schedule();
  }

  settingsAcknowledged(): void {
    if (this.#beginning.acknowledged()) this.inbound.settingsAcknowledged(this.table.streams());
  }

  /** `peer` has them. */
  settingsCame(): void {
    this.#beginning.settingsCame();
  }

  sendHeaders(
    stream: ConnectionStream,
    shared: HeaderFields,
    own: HeaderFields | undefined,
    endStream: boolean,
  ): void {
    this.frames.headers(stream.id, shared, own, endStream);
    this.output.schedule();
    this.moved();
    if (!endStream) return;
    stream.sentEnd = true;
    this.sideEnded(stream);
  }

  sendData(stream: ConnectionStream, prefix: Uint8Array, bytes: Uint8Array, endStream: boolean): boolean {
    return this.outbound.send(stream, prefix, bytes, endStream);
  }

  release(stream: ConnectionStream, bytes: number): void {
    this.inbound.release(stream, bytes);
  }

  reset(stream: ConnectionStream, code: ErrorCodeName, message: string): void {
    this.frames.rstStream(stream.id, code);
    this.output.schedule();
    this.closeStream(stream, endings.resetHere, { code, by: 'self', unprocessed: false, message });
  }

  /** Resets a stream for what the peer has sent on it. */
  failStream(stream: ConnectionStream, code: ErrorCodeName, message: string): void {
    this.futile();
    this.reset(stream, code, message);
  }

  /** Resets what is no open stream. */
  refuse(streamId: number, code: ErrorCodeName): void {
    this.futile();
    this.frames.rstStream(streamId, code);
    this.output.schedule();
    this.table.note(streamId, endings.resetHere);
  }

  /** One side of the stream has ended. */
  sideEnded(stream: ConnectionStream): void {
    if (!stream.sentEnd) return;
    if (stream.receivedEnd) {
      this.closeStream(stream, endings.complete, undefined);
    } else if (!this.peerIsServer) {
      // The rest of a request that was answered is of no use (RFC 9113, section 8.1).
      this.frames.rstStream(stream.id, 'NO_ERROR');
      this.closeStream(stream, endings.resetHere, undefined);
    }
  }

  closeStream(stream: ConnectionStream, ending: Ending, failure: StreamFailure | undefined): void {
    stream.closed = true;
    stream.failure = failure;
    stream.outgoing = undefined;
    this.table.remove(stream, ending);
    this.inbound.discard(stream.held);
    stream.owner.closed(failure);
    if (!this.over) this.streamClosed(failure === undefined);
  }

  ask(): void {
    if (this.over) return;
    this.frames.ping(keepalivePayload, 0, false);
    this.output.schedule();
  }

  unanswered(): void {
    this.fail(new ConnectionError('NO_ERROR', 'the peer does not answer'));
    this.#end.destroy();
  }

  /** Runs what may throw: it ends the connection and nothing else. */
  guard(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#failFor(error);
    }
  }

  /** Ends the connection for what the peer did or did not do. */
  fail(error: ConnectionError): void {
    if (this.over) return;
    this.#error = error;
    this.#finish(error.code, error.message);
  }

  close(code: ErrorCodeName): void {
    if (!this.over) this.#finish(code, '');
  }

  #failFor(error: unknown): void {
    this.fail(
      error instanceof ConnectionError
        ? error
        : new ConnectionError('INTERNAL_ERROR', 'a failure of this side', { cause: error }),
    );
  }

  /** GOAWAY, and the socket is closed when it was sent. Streams that are open end. */
  #finish(code: ErrorCodeName, message: string): void {
    this.#stopReading();
    this.frames.goAway(this.lastPeerStream, code, message);
    this.ending(code, message);
    this.#endStreams({
      code,
      by: 'connection',
      unprocessed: false,
      message: message || 'the connection is closed',
    });
    this.output.flushAll();
    this.#end.end(code === 'NO_ERROR');
  }

  #stopReading(): void {
    this.over = true;
    this.#reader.stop();
  }

  #endStreams(failure: StreamFailure): void {
    for (const stream of this.table.streams()) {
      if (!stream.closed) this.closeStream(stream, endings.resetHere, failure);
    }
  }

  #peerEnded(): void {
    if (this.over) return;
    this.#stopReading();
    this.ending('NO_ERROR', '');
    this.#endStreams(lost);
    this.output.flushAll();
    this.#end.end(true);
  }

  #socketClosed(error: Error | undefined): void {
    this.#stopReading();
    this.#beginning.stop();
    this.keepalive?.stop();
    this.#endStreams(lost);
    this.told(this.#error ?? error);
  }

  #keptAlive(): Keepalive | undefined {
    const { clock, keepaliveMs, keepaliveTimeoutMs } = this.options;
    if (keepaliveMs === undefined) return undefined;
    const timeoutMs = keepaliveTimeoutMs ?? connectionDefaults.keepaliveTimeoutMs;
    return new Keepalive({ clock, intervalMs: keepaliveMs, timeoutMs }, this);
  }
}

/** The client's end of a connection. */
import type { Duplex } from 'node:stream';
import { ConnectionError, type ErrorCodeName } from '../error-code.ts';
import type { HeaderFields } from '../header-fields.ts';
import { ConnectionStream } from '../stream/connection-stream.ts';
import type { Http2Stream, StreamOwner } from '../stream/stream-owner.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { ClientConnection, ClientConnectionEvents, ConnectConnection } from './connection-roles.ts';
import { Http2Connection } from './http2-connection.ts';
import { maxStreamId, settingIds } from './peer-settings.ts';
import { endings } from './stream-table.ts';

export const connectConnection: ConnectConnection = (socket, options, events) =>
  new ClientSide(socket, options, events);

class ClientSide extends Http2Connection implements ClientConnection {
  readonly peerIsServer = true;
  readonly lastPeerStream = 0;
  readonly #events: ClientConnectionEvents;
  #nextId = 1;
  #ready = false;
  #draining = false;
  #full = false;

  constructor(socket: Duplex, options: ConnectionOptions, events: ClientConnectionEvents) {
    super(socket, options, 0);
    this.#events = events;
    this.frames.preface();
    this.announce([[settingIds.enablePush, 0]]);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
  }

  get room(): number {
    if (this.over || this.#draining) return 0;
    const identifiers = (maxStreamId + 2 - this.#nextId) / 2;
    return Math.max(Math.min(this.peer.maxConcurrentStreams - this.openStreams, identifiers), 0);
  }

  open(
    owner: StreamOwner,
    shared: HeaderFields,
    own: HeaderFields | undefined,
    endStream: boolean,
  ): Http2Stream {
    if (this.room === 0) throw new Error('a stream was opened where there is no room for one');
    const stream = new ConnectionStream(
      this.#nextId,
      this,
      this.peer.initialWindowBytes,
      this.inbound.initialBytes,
      false,
    );
    stream.owner = owner;
    this.#nextId += 2;
    this.table.add(stream);
    this.sendHeaders(stream, shared, own, endStream);
    this.#full = this.room === 0;
    if (this.#nextId > maxStreamId) this.#goAway('NO_ERROR', 'no identifier is left');
    return stream;
  }

  drain(): void {
    this.#draining = true;
    if (this.openStreams === 0) this.close('NO_ERROR');
  }

  isIdle(streamId: number): boolean {
    return streamId >= this.#nextId || streamId % 2 === 0;
  }

  opened(): void {
    throw new ConnectionError('PROTOCOL_ERROR', 'a response to no request');
  }

  pinged(): void {}

  pingAcknowledged(): void {}

  override settingsCame(): void {
    super.settingsCame();
    if (!this.#ready) {
      this.#ready = true;
      this.#events.ready();
    }
    this.#lookForRoom();
  }

  wentAway(lastStream: number, code: ErrorCodeName, debugText: string): void {
    this.#goAway(code, debugText);
    for (const stream of this.table.streams()) {
      if (stream.id <= lastStream || stream.closed) continue;
      const message = 'the server had gone away before the stream came';
      this.closeStream(stream, endings.resetHere, { code, by: 'peer', unprocessed: true, message });
    }
    if (this.openStreams === 0) this.close('NO_ERROR');
  }

  futile(): void {}

  protected streamClosed(): void {
    if (this.#draining && this.openStreams === 0) this.close('NO_ERROR');
    else this.#lookForRoom();
  }

  mayAsk(): boolean {
    return this.openStreams > 0;
  }

  protected ending(code: ErrorCodeName, message: string): void {
    this.#goAway(code, message);
  }

  protected told(error: Error | undefined): void {
    this.#events.closed(error);
  }

  /** Told once, and again when it comes with an error. */
  #goAway(code: ErrorCodeName, debugText: string): void {
    const known = this.#draining;
    this.#draining = true;
    if (!known || code !== 'NO_ERROR') this.#events.draining(code, debugText);
  }

  #lookForRoom(): void {
    const full = this.room === 0;
    const again = this.#full && !full;
    this.#full = full;
    if (again) this.#events.roomAgain();
  }
}

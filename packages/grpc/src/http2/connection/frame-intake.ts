/** The rules that frames of a peer are held to, and what they do. */
import { ConnectionError, type ErrorCodeName, errorCodeName } from '../error-code.ts';
import type { FrameSink } from '../frames/frame-sink.ts';
import type { HeaderBlock } from '../header-fields.ts';
import { HpackDecoder } from '../hpack/hpack-decoder.ts';
import type { ConnectionStream } from '../stream/connection-stream.ts';
import { checkBlock } from '../stream/header-rules.ts';
import { gatheredBytesPerListByte, settingsCost, tinyDataBytes } from './abuse-bounds.ts';
import { connectionDefaults } from './connection-options.ts';
import { HeaderGathering } from './header-gathering.ts';
import type { Http2Connection } from './http2-connection.ts';
import type { SettingsEntry } from './peer-settings.ts';
import { endings } from './stream-table.ts';

export class FrameIntake implements FrameSink {
  readonly #connection: Http2Connection;
  readonly #decoder: HpackDecoder;
  readonly #gathering: HeaderGathering;

  constructor(connection: Http2Connection) {
    this.#connection = connection;
    const maxListBytes = connection.options.maxHeaderListBytes ?? connectionDefaults.maxHeaderListBytes;
    this.#decoder = new HpackDecoder({ maxListBytes });
    this.#gathering = new HeaderGathering(maxListBytes * gatheredBytesPerListByte);
  }

  headers(
    streamId: number,
    buffer: Uint8Array,
    start: number,
    end: number,
    endHeaders: boolean,
    endStream: boolean,
  ): void {
    this.#afterSettings();
    if (endHeaders) this.#block(streamId, this.#decoder.decode(buffer, start, end), endStream);
    else this.#gathering.begin(streamId, endStream, buffer.subarray(start, end));
  }

  continuation(streamId: number, buffer: Uint8Array, start: number, end: number, endHeaders: boolean): void {
    this.#gathering.add(buffer.subarray(start, end));
    if (!endHeaders) return;
    const block = this.#gathering.take();
    this.#block(streamId, this.#decoder.decode(block, 0, block.length), this.#gathering.endStream);
  }

  data(
    streamId: number,
    buffer: Uint8Array,
    start: number,
    end: number,
    flowBytes: number,
    endStream: boolean,
  ): void {
    const connection = this.#connection;
    this.#afterSettings();
    if (flowBytes < tinyDataBytes && !endStream) this.#idleFrame(1);
    else connection.useful();
    connection.inbound.receive(flowBytes);
    const stream = connection.table.get(streamId);
    const fault = stream ? dataFault(stream, end - start, flowBytes, endStream) : undefined;
    if (!stream || fault) {
      connection.inbound.discard(flowBytes);
      if (!stream) this.#late(streamId);
      else if (fault) connection.failStream(stream, fault, 'data that may not come');
      return;
    }
    stream.held += flowBytes;
    if (flowBytes > end - start) connection.inbound.release(stream, flowBytes - (end - start));
    stream.receivedEnd = endStream;
    stream.owner.data(buffer, start, end, endStream);
    if (endStream && !stream.closed) connection.sideEnded(stream);
  }

  rstStream(streamId: number, code: number): void {
    this.#notIdle(streamId);
    const connection = this.#connection;
    const stream = connection.table.get(streamId);
    if (!stream) {
      this.#idleFrame(1);
      return;
    }
    if (!stream.sentEnd) connection.futile();
    const name = errorCodeName(code);
    connection.closeStream(stream, endings.resetByPeer, {
      code: name,
      by: 'peer',
      unprocessed: name === 'REFUSED_STREAM',
      message: 'reset by the peer',
    });
  }

  settings(entries: readonly SettingsEntry[]): void {
    const { peer, frames, encoder, outbound, table, output } = this.#connection;
    this.#idleFrame(settingsCost);
    const windowBefore = peer.initialWindowBytes;
    peer.read(entries, this.#connection.peerIsServer);
    frames.maxFrameBytes = peer.maxFrameBytes;
    encoder.setPeerTableBytes(peer.headerTableBytes);
    frames.settingsAck();
    output.schedule();
    const difference = peer.initialWindowBytes - windowBefore;
    if (difference !== 0) {
      for (const stream of table.streams()) {
        if (!outbound.widenStream(stream, difference)) fail('FLOW_CONTROL_ERROR', 'a window is too large');
      }
      outbound.pump();
    }
    this.#connection.settingsCame();
  }

  settingsAck(): void {
    this.#afterSettings();
    this.#idleFrame(1);
    this.#connection.settingsAcknowledged();
  }

  ping(buffer: Uint8Array, start: number, ack: boolean): void {
    this.#afterSettings();
    this.#idleFrame(1);
    const connection = this.#connection;
    if (ack) {
      connection.pingAcknowledged(buffer.subarray(start, start + 8));
      return;
    }
    connection.pinged();
    connection.frames.ping(buffer, start, true);
    connection.output.schedule();
  }

  goAway(lastStreamId: number, code: number, debugData: Uint8Array): void {
    this.#afterSettings();
    this.#idleFrame(1);
    this.#connection.wentAway(lastStreamId, errorCodeName(code), Buffer.from(debugData).toString());
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#idleFrame(1);
    const { outbound, table } = this.#connection;
    if (streamId === 0) {
      this.#afterSettings();
      if (increment === 0) fail('PROTOCOL_ERROR', 'a WINDOW_UPDATE of nothing');
      outbound.widen(increment);
      return;
    }
    this.#notIdle(streamId);
    const stream = table.get(streamId);
    if (!stream) return;
    if (increment === 0) {
      this.#connection.failStream(stream, 'PROTOCOL_ERROR', 'a WINDOW_UPDATE of nothing');
    } else if (outbound.widenStream(stream, increment)) {
      outbound.pump();
    } else {
      this.#connection.failStream(stream, 'FLOW_CONTROL_ERROR', 'a window is too large');
    }
  }

  priority(streamId: number, dependsOn: number): void {
    this.#afterSettings();
    this.#idleFrame(1);
    // An error of the stream, which may be made one of the connection (RFC 9113, section 5.4.1): the stream may be idle.
    if (dependsOn === streamId) fail('PROTOCOL_ERROR', 'a stream depends on itself');
  }

  streamError(streamId: number, code: ErrorCodeName, message: string): void {
    this.#afterSettings();
    const stream = this.#connection.table.get(streamId);
    if (stream) this.#connection.failStream(stream, code, message);
    else fail(code, message);
  }

  unknown(): void {
    this.#afterSettings();
    this.#idleFrame(1);
  }

  #block(streamId: number, block: HeaderBlock, endStream: boolean): void {
    const connection = this.#connection;
    const stream = connection.table.get(streamId);
    if (!stream) {
      if (connection.isIdle(streamId)) connection.opened(streamId, block, endStream);
      else if (!connection.peerIsServer && connection.table.endingOf(streamId) === endings.forgotten) {
        fail('PROTOCOL_ERROR', 'a stream with a lower identifier than one before');
      } else this.#late(streamId);
      return;
    }
    if (stream.receivedEnd) connection.failStream(stream, 'STREAM_CLOSED', 'headers after the end');
    else if (!stream.hasHead) this.#responseHead(stream, block, endStream);
    else this.#trailers(stream, block, endStream);
  }

  #responseHead(stream: ConnectionStream, block: HeaderBlock, endStream: boolean): void {
    const { fault, status, contentLength } = checkBlock(block, 'response');
    const informational = status < 200;
    // 101 is of HTTP/1.1 alone (RFC 9113, section 8.6).
    if (fault || status === 101 || (informational && endStream)) {
      this.#connection.failStream(stream, 'PROTOCOL_ERROR', fault ?? 'a status that may not come');
      return;
    }
    if (informational) {
      this.#idleFrame(1);
      return;
    }
    this.#connection.useful();
    stream.hasHead = true;
    stream.expectedBytes = endStream ? -1 : contentLength;
    stream.receivedEnd = endStream;
    stream.owner.headers(block, endStream);
    if (endStream && !stream.closed) this.#connection.sideEnded(stream);
  }

  #trailers(stream: ConnectionStream, block: HeaderBlock, endStream: boolean): void {
    const { fault } = checkBlock(block, 'trailers');
    const short = stream.expectedBytes !== -1 && stream.expectedBytes !== stream.receivedBytes;
    if (fault || !endStream || short) {
      this.#connection.failStream(stream, 'PROTOCOL_ERROR', fault ?? 'headers that may not come');
      return;
    }
    stream.receivedEnd = true;
    stream.owner.trailers(block);
    if (!stream.closed) this.#connection.sideEnded(stream);
  }

  /** A frame for a stream that is closed, or that never was open (RFC 9113, section 5.1). */
  #late(streamId: number): void {
    this.#notIdle(streamId);
    switch (this.#connection.table.endingOf(streamId)) {
      case endings.resetHere:
        this.#idleFrame(1);
        return;
      case endings.complete:
        fail('STREAM_CLOSED', 'a frame for a stream that the peer has ended');
        return;
      default:
        this.#connection.refuse(streamId, 'STREAM_CLOSED');
    }
  }

  #notIdle(streamId: number): void {
    if (this.#connection.isIdle(streamId))
      fail('PROTOCOL_ERROR', 'a frame for a stream that is not open yet');
  }

  /** The first frame is SETTINGS (RFC 9113, section 3.4). */
  #afterSettings(): void {
    if (!this.#connection.peer.received) fail('PROTOCOL_ERROR', 'the peer does not begin with SETTINGS');
  }

  #idleFrame(cost: number): void {
    if (!this.#connection.idleFrames.spend(cost))
      fail('ENHANCE_YOUR_CALM', 'too many frames that do nothing');
  }
}

/** Counts the data in where there is none. */
function dataFault(
  stream: ConnectionStream,
  count: number,
  flowBytes: number,
  endStream: boolean,
): ErrorCodeName | undefined {
  if (stream.receivedEnd) return 'STREAM_CLOSED';
  if (!stream.hasHead) return 'PROTOCOL_ERROR';
  stream.receivable -= flowBytes;
  if (stream.receivable < 0) return 'FLOW_CONTROL_ERROR';
  stream.receivedBytes += count;
  if (stream.expectedBytes === -1) return undefined;
  const { receivedBytes, expectedBytes } = stream;
  return receivedBytes > expectedBytes || (endStream && receivedBytes < expectedBytes)
    ? 'PROTOCOL_ERROR'
    : undefined;
}

function fail(code: ErrorCodeName, message: string): never {
  throw new ConnectionError(code, message);
}

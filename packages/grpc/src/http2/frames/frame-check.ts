/** What is wrong with a frame by its head alone (RFC 9113, sections 4 and 6). */
import { ConnectionError, type ErrorCodeName } from '../error-code.ts';
import { frameFlags, frameTypes, priorityBytes } from './frame-types.ts';

/** Throws ConnectionError. A PRIORITY of another size is an error of its stream and passes. */
export function checkFrame(length: number, type: number, flags: number, streamId: number): void {
  switch (type) {
    case frameTypes.data:
      needStream(streamId);
      needBytes(length, paddedBytes(flags));
      return;
    case frameTypes.headers:
      needStream(streamId);
      needBytes(length, paddedBytes(flags) + ((flags & frameFlags.priority) === 0 ? 0 : priorityBytes));
      return;
    case frameTypes.priority:
    case frameTypes.continuation:
      needStream(streamId);
      return;
    case frameTypes.rstStream:
      needStream(streamId);
      if (length !== 4) fail('FRAME_SIZE_ERROR', 'a RST_STREAM has four bytes');
      return;
    case frameTypes.settings:
      needConnection(streamId);
      if ((flags & frameFlags.ack) === 0 ? length % 6 !== 0 : length !== 0) {
        fail('FRAME_SIZE_ERROR', 'a SETTINGS frame has six bytes an entry, and none when it acknowledges');
      }
      return;
    case frameTypes.pushPromise:
      // Clients may not push, and servers are told not to with the first frame that they get.
      fail('PROTOCOL_ERROR', 'push is refused');
      return;
    case frameTypes.ping:
      needConnection(streamId);
      if (length !== 8) fail('FRAME_SIZE_ERROR', 'a PING has eight bytes');
      return;
    case frameTypes.goAway:
      needConnection(streamId);
      needBytes(length, 8);
      return;
    case frameTypes.windowUpdate:
      if (length !== 4) fail('FRAME_SIZE_ERROR', 'a WINDOW_UPDATE has four bytes');
  }
}

export function fail(code: ErrorCodeName, message: string): never {
  throw new ConnectionError(code, message);
}

function paddedBytes(flags: number): number {
  return (flags & frameFlags.padded) === 0 ? 0 : 1;
}

function needStream(streamId: number): void {
  if (streamId === 0) fail('PROTOCOL_ERROR', 'a frame of a stream names none');
}

function needConnection(streamId: number): void {
  if (streamId !== 0) fail('PROTOCOL_ERROR', 'a frame of the connection names a stream');
}

function needBytes(length: number, least: number): void {
  if (length < least) fail('FRAME_SIZE_ERROR', 'a frame is cut short');
}

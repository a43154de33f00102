/** What the peer has announced (RFC 9113, section 6.5.2), checked. */
import { ConnectionError, type ErrorCodeName } from '../error-code.ts';

export const settingIds = {
  headerTableBytes: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowBytes: 0x4,
  maxFrameBytes: 0x5,
  maxHeaderListBytes: 0x6,
} as const;

export type SettingsEntry = readonly [id: number, value: number];

export const maxStreamId = 2 ** 31 - 1;
export const maxWindowBytes = 2 ** 31 - 1;
/** Of every stream and of the connection before anything was announced. */
export const defaultWindowBytes = 65_535;
const leastMaxFrameBytes = 16_384;
const largestMaxFrameBytes = 2 ** 24 - 1;

export class PeerSettings {
  headerTableBytes = 4_096;
  /** A client may assume so many until it is told (RFC 9113 recommends that it be no fewer than 100). */
  maxConcurrentStreams = 100;
  initialWindowBytes = defaultWindowBytes;
  maxFrameBytes = leastMaxFrameBytes;
  /** Of `received`. */
  #known = false;

  /** The first SETTINGS have come. */
  get received(): boolean {
    return this.#known;
  }

  /** Throws ConnectionError. `fromServer` says who sent them. */
  read(entries: readonly SettingsEntry[], fromServer: boolean): void {
    // Without it there is no limit.
    if (!this.#known) this.maxConcurrentStreams = Number.POSITIVE_INFINITY;
    this.#known = true;
    for (const [id, value] of entries) this.#read(id, value, fromServer);
  }

  #read(id: number, value: number, fromServer: boolean): void {
    switch (id) {
      case settingIds.headerTableBytes:
        this.headerTableBytes = value;
        return;
      case settingIds.enablePush:
        need(value === 0 || (value === 1 && !fromServer), 'PROTOCOL_ERROR', 'ENABLE_PUSH');
        return;
      case settingIds.maxConcurrentStreams:
        this.maxConcurrentStreams = value;
        return;
      case settingIds.initialWindowBytes:
        need(value <= maxWindowBytes, 'FLOW_CONTROL_ERROR', 'INITIAL_WINDOW_SIZE');
        this.initialWindowBytes = value;
        return;
      case settingIds.maxFrameBytes:
        need(
          value >= leastMaxFrameBytes && value <= largestMaxFrameBytes,
          'PROTOCOL_ERROR',
          'MAX_FRAME_SIZE',
        );
        this.maxFrameBytes = value;
        return;
      default:
      // MAX_HEADER_LIST_SIZE is advice, and settings that are not known are ignored.
    }
  }
}

function need(valid: boolean, code: ErrorCodeName, setting: string): void {
  if (!valid) throw new ConnectionError(code, `${setting} is out of its range`);
}

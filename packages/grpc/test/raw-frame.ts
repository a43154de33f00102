/** Frames as bytes, right or wrong ones. */

export interface RawFrame {
  readonly type: number;
  /** @default 0 */
  readonly flags?: number;
  /** With the reserved bit, if it is to be set. @default 0 */
  readonly streamId?: number;
  /** @default none */
  readonly payload?: Uint8Array | readonly number[];
  /** What the head says, if not the truth. */
  readonly length?: number;
}

export function rawFrame(frame: RawFrame): Buffer {
  const payload = Buffer.from(frame.payload ?? []);
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.writeUIntBE(frame.length ?? payload.length, 0, 3);
  bytes[3] = frame.type;
  bytes[4] = frame.flags ?? 0;
  bytes.writeUInt32BE(frame.streamId ?? 0, 5);
  payload.copy(bytes, 9);
  return bytes;
}

/** Numbers of the frame layer (RFC 9113, sections 4 and 6). */

export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goAway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** Bits mean something only with the types that define them; ACK and END_STREAM are the same bit. */
export const frameFlags = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

export const frameHeadBytes = 9;
/** What every peer takes, and what it may send until it was told otherwise. */
export const defaultMaxFrameBytes = 16_384;
export const priorityBytes = 5;

/** Which RabbitMQ this is, and what it does otherwise than the newest. */

export interface RabbitVersion {
  readonly text: string;
  /**
   * Every return to a quorum queue counts towards its delivery limit, that of a message nobody looked at included.
   * From 4.3 on `basic.nack` and the end of a consumer do not; not tested against such a broker.
   */
  readonly everyReturnCounts: boolean;
}

/** A version that cannot be read is taken for an old one. */
export function parseVersion(text: string): RabbitVersion {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  const [first, second] = [Number(major), Number(minor)];
  return {
    text,
    everyReturnCounts: first < 4 || (first === 4 && second < 3),
  };
}

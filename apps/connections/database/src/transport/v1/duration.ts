/** google.protobuf.Duration as seconds. */
import type { SetRequest } from '@connections/proto-utils/v1/cache';

type Duration = NonNullable<SetRequest['ttl']>;

export function durationSeconds({ seconds, nanos }: Duration): number {
  return Number(seconds) + nanos / 1e9;
}

/** Of whole seconds. */
export function secondsDuration(seconds: number): Duration {
  return { seconds: BigInt(seconds), nanos: 0 };
}

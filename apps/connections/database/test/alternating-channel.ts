/** A channel whose every call goes to the next of several services, which are to be as one. */
import type { Channel } from '@connections/grpc';

/** Closing it closes none of them. */
export function alternatingChannel(channels: readonly Channel[]): Channel {
  let calls = 0;
  const next = (): Channel => {
    const channel = channels[calls++ % channels.length];
    if (!channel) throw new RangeError('there is no channel');
    return channel;
  };
  return {
    unary: (...call) => next().unary(...call),
    stream: (...call) => next().stream(...call),
    ready: async (timeoutMs) => {
      await Promise.all(channels.map((channel) => channel.ready(timeoutMs)));
    },
    close() {},
  };
}

/** The channel to a service of ours, for whoever brings none. */
import { type Channel, type ChannelOptions, createChannel, overReplicas } from '@connections/grpc';

/** With a fifth of jitter: a server that is there again is found within 5 s, however long it was away. */
const backoff = { initialMs: 100, maxMs: 4_000 };

/** `address`: `host:port`, or several with commas between them, which are replicas of one service: see overReplicas. */
export function openServiceChannel(address: string, tls?: ChannelOptions['tls']): Channel {
  const options = { backoff, ...(tls && { tls }) };
  return overReplicas(replicaAddresses(address).map((replica) => createChannel(replica, options)));
}

/** A list of gRPC's own, as `ipv4:a:1,b:1`, is one target. */
function replicaAddresses(address: string): readonly string[] {
  return /^(ipv4|ipv6|unix):/.test(address) ? [address] : address.split(',').map((each) => each.trim());
}

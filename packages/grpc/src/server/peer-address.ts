/** Where the other end of a connection is. */
import type { Peer } from '../call.ts';

/** Of what a socket tells; the address is undefined on a Unix socket, and when the connection is lost already. */
export function peerAt(
  address: string | undefined,
  port: number | undefined,
  secure: boolean,
): Omit<Peer, 'certificate'> {
  if (address === undefined) return { address: 'unknown', loopback: false, secure };
  const host = address.includes(':') ? `[${address}]` : address;
  const loopback = /^(::ffff:)?127\.|^::1$/.test(address);
  return { address: `${host}:${port}`, loopback, secure };
}

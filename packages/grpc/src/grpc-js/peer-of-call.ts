/** Who is at the other end of a call over grpc-js. */
import type { ServerHttp2Stream } from 'node:http2';
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { Peer } from '../call.ts';
import { peerAt } from '../server/peer-address.ts';
import { clientCertificate } from '../server/server-tls.ts';

/** @param unixPath of what the server listens on; undefined when that is a port */
export function peerOf(
  transport: ServerInterceptingCallInterface,
  stream: ServerHttp2Stream,
  unixPath: string | undefined,
): Peer {
  // grpc-js tells of encryption only when the client presented a certificate.
  const secure = stream.session?.encrypted === true;
  if (unixPath !== undefined) return { address: unixPath, loopback: true, secure };
  const { remoteAddress, remotePort } = transport.getConnectionInfo();
  const { sslPeerCertificate } = transport.getAuthContext();
  return { ...peerAt(remoteAddress, remotePort, secure), certificate: clientCertificate(sslPeerCertificate) };
}

/** The TLS of a grpc-js server. */
import type { Http2SecureServer } from 'node:http2';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { secureContextOptions } from '../server/server-tls.ts';
import type { ServerTls } from '../server.ts';

/** What grpc-js keeps private: its HTTP/2 servers. */
interface Http2Servers {
  readonly http2Servers: ReadonlyMap<Http2SecureServer, unknown>;
}

export function serverCredentials(tls: ServerTls | undefined): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const { key, cert, ca } = secureContextOptions(tls);
  return ServerCredentials.createSsl(
    ca ? Buffer.concat(ca.map((one) => Buffer.from(one))) : null,
    [{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }],
    tls.requireClientCertificate ?? false,
  );
}

/** For connections from now on. */
export function reloadCredentials(server: Server, tls: ServerTls): void {
  for (const http2Server of (server as unknown as Http2Servers).http2Servers.keys()) {
    http2Server.setSecureContext(secureContextOptions(tls));
  }
}

/** TLS at the server's end: what it presents, whom it takes, and who came. */
import type { PeerCertificate, TLSSocket, TlsOptions } from 'node:tls';
import type { ClientCertificate } from '../call.ts';
import type { ServerTls } from '../server.ts';

const handshakeTimeoutMs = 10_000;

/** Options of node's own: what is presented and trusted. */
export function secureContextOptions({ key, cert, ca }: ServerTls) {
  const trusted = ca === undefined ? undefined : [ca].flat().map(asNodeTakesIt);
  return {
    key: asNodeTakesIt(key),
    cert: asNodeTakesIt(cert),
    ...(trusted && { ca: trusted }),
    minVersion: 'TLSv1.2' as const,
  };
}

export function listenerOptions(tls: ServerTls): TlsOptions {
  const { requireClientCertificate = false } = tls;
  return {
    ...secureContextOptions(tls),
    ALPNProtocols: ['h2'],
    requestCert: requireClientCertificate || tls.ca !== undefined,
    rejectUnauthorized: requireClientCertificate,
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
  };
}

/** Whether who has shaken hands may go on: it speaks HTTP/2, and what certificate it presented is vouched for. */
export function admits(socket: TLSSocket): boolean {
  if (socket.alpnProtocol !== 'h2') return false;
  return socket.authorized || !clientCertificate(socket.getPeerCertificate());
}

/** Undefined when the client presented none; `tls` gives an object without fields then. */
export function clientCertificate(certificate: PeerCertificate | undefined): ClientCertificate | undefined {
  if (!certificate?.fingerprint256) return undefined;
  const { subject, subjectaltname = '', fingerprint256 } = certificate;
  return {
    commonName: [subject.CN].flat()[0] ?? '',
    subjectAltNames: alternativeNames(subjectaltname),
    fingerprint256,
  };
}

/** `URI:spiffe://...` and the like, in node's text; a name that holds a comma is in JSON quotes there. */
function alternativeNames(text: string): readonly string[] {
  const names = text.match(/[^,"]*(?:"(?:[^"\\]|\\.)*")?[^,"]*/g) ?? [];
  return names
    .map((name) => name.trim().replace(/"(?:[^"\\]|\\.)*"/, (quoted) => JSON.parse(quoted)))
    .filter(Boolean);
}

function asNodeTakesIt(pem: string | Uint8Array): string | Buffer {
  return typeof pem === 'string' ? pem : Buffer.from(pem);
}

/** Certificates that are their own authority, made by openssl. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onPath } from './test-server.ts';

export interface SelfSigned {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** Why suites that need certificates are skipped. */
export function opensslMissing(): string | undefined {
  return onPath('openssl') ? undefined : 'openssl, which makes the certificate, is not on the path';
}

/** Writes `<name>.cert.pem` and `<name>.key.pem` into the folder, over what is there. `addresses`: IP addresses besides loopback. */
export function makeSelfSigned(folder: string, name: string, addresses: readonly string[] = []): SelfSigned {
  const [certFile, keyFile] = [join(folder, `${name}.cert.pem`), join(folder, `${name}.key.pem`)];
  const names = ['DNS:localhost', ...['127.0.0.1', '::1', ...addresses].map((address) => `IP:${address}`)];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=${names.join()}`],
      ...['-keyout', keyFile, '-out', certFile],
    ],
    { stdio: 'ignore' },
  );
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

/** Certificates for tests of TLS, made by openssl. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** Its own certificate. */
  readonly ca: string;
  /** @param altNames such as `DNS:db.test,IP:127.0.0.1` */
  issue(name: string, altNames?: string): KeyPair;
}

/** Why suites that need certificates are skipped. */
export function opensslMissing(): string | undefined {
  const { error } = spawnSync('openssl', ['version']);
  return error && 'openssl, which makes the certificates, is not on the path';
}

const keyKind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A new authority that nobody trusts yet. */
export function makeAuthority(): Authority {
  return inFolder((file) => {
    openssl([
      'req',
      '-x509',
      ...keyKind,
      '-days',
      '2',
      '-subj',
      '/CN=test authority',
      '-keyout',
      file('ca.key'),
      '-out',
      file('ca.pem'),
    ]);
    const [ca, caKey] = [readFileSync(file('ca.pem'), 'utf8'), readFileSync(file('ca.key'), 'utf8')];
    return { ca, issue: (name, altNames) => issue({ cert: ca, key: caKey }, name, altNames) };
  });
}

function issue(authority: KeyPair, name: string, altNames = 'IP:127.0.0.1'): KeyPair {
  return inFolder((file) => {
    writeFileSync(file('ca.pem'), authority.cert);
    writeFileSync(file('ca.key'), authority.key);
    writeFileSync(file('names'), `subjectAltName=${altNames}\n`);
    openssl([
      'req',
      '-new',
      ...keyKind,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      file('key.pem'),
      '-out',
      file('request.pem'),
    ]);
    openssl([
      'x509',
      '-req',
      '-in',
      file('request.pem'),
      '-CA',
      file('ca.pem'),
      '-CAkey',
      file('ca.key'),
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      file('names'),
      '-out',
      file('cert.pem'),
    ]);
    return { cert: readFileSync(file('cert.pem'), 'utf8'), key: readFileSync(file('key.pem'), 'utf8') };
  });
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}

function inFolder<T>(use: (file: (name: string) => string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'connections-grpc-certificates-'));
  try {
    return use((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

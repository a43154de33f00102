/** Starts a redis-server that speaks TLS too, by a certificate that it alone has signed. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type RedisOptions, redisKind, redisMissing } from './redis-server.ts';
import { overTakenPorts, startServer } from './server-process.ts';
import { onPath, reasonToSkip, type TestServer } from './test-server.ts';

export interface TlsRedis extends AsyncDisposable {
  /** In plain text: its URL and its process. */
  readonly server: TestServer;
  /** `rediss://…`, with the server's address, which the certificate names. */
  readonly url: string;
  readonly port: number;
  /** Trusted by nobody who is not told: NODE_EXTRA_CA_CERTS. */
  readonly certificateFile: string;
}

const keyFile = 'tls-key.pem';
const certificate = 'tls-certificate.pem';

/** Why suites that need it are skipped. */
export function redisTlsMissing(): string | undefined {
  const missing = onPath('openssl') ? undefined : 'openssl, which makes the certificate, is not on the path';
  return redisMissing({ own: true }) ?? reasonToSkip('redis', missing);
}

export async function startTlsRedis(options: RedisOptions = {}): Promise<TlsRedis> {
  const kind = redisKind(options);
  return overTakenPorts(async () => {
    const port = await freePort();
    let folder = '';
    const server = await startServer(
      {
        ...kind,
        prepare: (place) => {
          folder = place.folder;
          makeCertificate(folder);
        },
        args: (place) => [
          ...kind.args(place),
          ...['--tls-port', `${port}`, '--tls-auth-clients', 'no'],
          ...[
            '--tls-cert-file',
            join(place.folder, certificate),
            '--tls-key-file',
            join(place.folder, keyFile),
          ],
        ],
      },
      await freePort(),
    );
    const url = new URL(server.url);
    url.protocol = 'rediss:';
    url.port = `${port}`;
    return {
      server,
      url: url.href,
      port,
      certificateFile: join(folder, certificate),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  });
}

function makeCertificate(folder: string): void {
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-keyout', keyFile, '-out', certificate, '-subj', '/CN=redis.test'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'],
    ],
    { cwd: folder, stdio: 'ignore' },
  );
}

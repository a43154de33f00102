/** Starts a redis-server that speaks TLS too, by a certificate that it alone has signed. */
import { freePort } from './free-port.ts';
import { type RedisOptions, redisKind, redisMissing } from './redis-server.ts';
import { makeSelfSigned, opensslMissing } from './self-signed.ts';
import { overTakenPorts, startServer } from './server-process.ts';
import { reasonToSkip, type TestServer } from './test-server.ts';

export interface TlsRedis extends AsyncDisposable {
  /** In plain text: its URL and its process. */
  readonly server: TestServer;
  /** `rediss://…`, with the server's address, which the certificate names. */
  readonly url: string;
  readonly port: number;
  /** Trusted by nobody who is not told: NODE_EXTRA_CA_CERTS. */
  readonly certificateFile: string;
}

/** Why suites that need it are skipped. */
export function redisTlsMissing(): string | undefined {
  return redisMissing({ own: true }) ?? reasonToSkip('redis', opensslMissing());
}

export async function startTlsRedis(options: RedisOptions = {}): Promise<TlsRedis> {
  const kind = redisKind(options);
  return overTakenPorts(async () => {
    const port = await freePort();
    let certificateFile = '';
    let keyFile = '';
    const server = await startServer(
      {
        ...kind,
        prepare: (place) => {
          ({ certFile: certificateFile, keyFile } = makeSelfSigned(place.folder, 'redis.test'));
        },
        args: (place) => [
          ...kind.args(place),
          ...['--tls-port', `${port}`, '--tls-auth-clients', 'no'],
          ...['--tls-cert-file', certificateFile, '--tls-key-file', keyFile],
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
      certificateFile,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  });
}

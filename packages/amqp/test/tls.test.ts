/** The connection to a broker that speaks TLS. */
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, rabbitMissing, startRabbit } from '@connections/testing';

const program = fileURLToPath(new URL('./tls-publisher.js', import.meta.url));

function opensslMissing(): string | undefined {
  const { error } = spawnSync('openssl', ['version']);
  return error && 'openssl, which makes the certificate, is not on the path';
}

function makeCertificate(folder: string): { readonly key: string; readonly certificate: string } {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=rabbit.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, '-keyout', key, '-out', certificate, ...names], {
    stdio: 'ignore',
  });
  return { key, certificate };
}

it('a broker is spoken to over TLS, if its certificate is trusted', {
  skip: rabbitMissing({ own: true }) ?? opensslMissing(),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'connections-amqp-tls-'));
  try {
    const { key, certificate } = makeCertificate(folder);
    const port = await freePort();
    await using _server = await startRabbit({
      own: true,
      config: [
        `listeners.ssl.1 = 127.0.0.1:${port}`,
        `ssl_options.cacertfile = ${certificate}`,
        `ssl_options.certfile = ${certificate}`,
        `ssl_options.keyfile = ${key}`,
      ],
    });
    const said = async (env: NodeJS.ProcessEnv) => {
      const { stdout } = await promisify(execFile)(process.execPath, [program, `${port}`], { env });
      return stdout;
    };
    assert.match(await said(process.env), /self-signed certificate/);
    assert.equal(await said({ ...process.env, NODE_EXTRA_CA_CERTS: certificate }), 'UNROUTABLE\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The TLS of a service's port: whom it takes, new certificates, and files that cannot be used. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type ClientTls, createClient, isStatusError } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import { SettingsError } from '@connections/runtime';
import { eventually, makeSelfSigned, opensslMissing, openTestChannel } from '@connections/testing';
import { type MessagingFixture, openMessaging } from './messaging-fixture.ts';

const skip = opensslMissing();
const pollMs = 10_000;

describe('the TLS of a port', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'connections-port-tls-'));
  after(() => rmSync(folder, { recursive: true }));
  const server = () => makeSelfSigned(folder, 'server.test');
  const files = ({ certFile, keyFile }: ReturnType<typeof server>) => ({
    GRPC_TLS_CERT: certFile,
    GRPC_TLS_KEY: keyFile,
  });

  /** OK, or the status that a call over a new connection fails with. */
  async function answerTo({ address }: MessagingFixture, tls?: ClientTls): Promise<string> {
    const channel = openTestChannel(address, tls && (() => tls));
    try {
      await createClient(healthService, channel).check({ service: '' }, { timeoutMs: 5_000 });
      return 'OK';
    } catch (error) {
      if (isStatusError(error)) return error.status;
      throw error;
    } finally {
      channel.close();
    }
  }

  it('takes clients that trust its certificate, and none in plain text; its side port stays as it was', async () => {
    const own = server();
    await using fixture = await openMessaging({ env: files(own) });
    assert.equal(await answerTo(fixture, { ca: own.cert }), 'OK');
    assert.equal(await answerTo(fixture), 'UNAVAILABLE');
    assert.equal(await answerTo(fixture, { ca: makeSelfSigned(folder, 'other.test').cert }), 'UNAVAILABLE');
    assert.equal((await fetch(`${fixture.httpAddress}/readyz`)).status, 200);
  });

  it('takes only clients with a certificate of its authorities where it has those', async () => {
    const own = server();
    const client = makeSelfSigned(folder, 'client.test');
    const stranger = makeSelfSigned(folder, 'stranger.test');
    await using fixture = await openMessaging({
      env: { ...files(own), GRPC_TLS_CLIENT_CA: client.certFile },
    });
    const ca = own.cert;
    assert.equal(await answerTo(fixture, { ca, cert: client.cert, key: client.key }), 'OK');
    assert.equal(await answerTo(fixture, { ca, cert: stranger.cert, key: stranger.key }), 'UNAVAILABLE');
    assert.equal(await answerTo(fixture, { ca }), 'UNAVAILABLE');
  });

  it('presents a new certificate once its files have changed, and the old one while they do not fit', async () => {
    const old = server();
    await using fixture = await openMessaging({ env: files(old) });
    const renewed = server();
    writeFileSync(renewed.keyFile, old.key);
    await fixture.clock.advance(pollMs);
    assert.equal(await answerTo(fixture, { ca: old.cert }), 'OK');
    writeFileSync(renewed.keyFile, renewed.key);
    await fixture.clock.advance(pollMs);
    await eventually(async () => assert.equal(await answerTo(fixture, { ca: renewed.cert }), 'OK'), 10_000);
    assert.equal(await answerTo(fixture, { ca: old.cert }), 'UNAVAILABLE');
  });

  it('does not start on files that cannot be used, and says which', async () => {
    const own = server();
    const other = makeSelfSigned(folder, 'other.test');
    const nowhere = join(folder, 'nowhere.pem');
    const refusals: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ GRPC_TLS_CERT: own.certFile }, /^GRPC_TLS_KEY: expected a file, as GRPC_TLS_CERT is set$/],
      [{ GRPC_TLS_KEY: own.keyFile }, /^GRPC_TLS_CERT: expected a file, as GRPC_TLS_KEY is set$/],
      [
        { GRPC_TLS_CLIENT_CA: own.certFile },
        /^GRPC_TLS_CERT: expected a file, as GRPC_TLS_CLIENT_CA is set$/,
      ],
      [{ ...files(own), GRPC_TLS_KEY: nowhere }, /^GRPC_TLS_KEY is ".*nowhere.pem", .*ENOENT/],
      [{ ...files(own), GRPC_TLS_KEY: own.certFile }, /^GRPC_TLS_KEY is .* a private key/],
      [
        { ...files(own), GRPC_TLS_KEY: other.keyFile },
        /^GRPC_TLS_KEY is .* first certificate in GRPC_TLS_CERT$/,
      ],
      [{ ...files(own), GRPC_TLS_CERT: own.keyFile }, /^GRPC_TLS_CERT is .* with certificates$/],
      [{ ...files(own), GRPC_TLS_CLIENT_CA: own.keyFile }, /^GRPC_TLS_CLIENT_CA is .* with certificates$/],
    ];
    for (const [env, message] of refusals) {
      await assert.rejects(openMessaging({ env }), (error) => {
        assert.ok(error instanceof SettingsError, String(error));
        assert.match(error.message, message);
        return true;
      });
    }
  });
});

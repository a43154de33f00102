/** Commands against services whose ports take TLS. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeSelfSigned, opensslMissing } from '@connections/testing';
import { runBin, startServices, temporaryFolder } from './bin-process.ts';

describe('a command to services that take TLS', { skip: opensslMissing() }, () => {
  it('trusts the authorities that GRPC_TLS_CA names, and presents its certificate', async () => {
    const folder = temporaryFolder();
    const server = makeSelfSigned(folder, 'server.test');
    const client = makeSelfSigned(folder, 'client.test');
    await using services = await startServices({
      GRPC_TLS_CERT: server.certFile,
      GRPC_TLS_KEY: server.keyFile,
      GRPC_TLS_CLIENT_CA: client.certFile,
    });
    const trusting = { ...services.env, GRPC_TLS_CA: server.certFile };
    const identity = { GRPC_TLS_CERT: client.certFile, GRPC_TLS_KEY: client.keyFile };
    assert.equal((await runBin('health', { ...trusting, ...identity })).code, 0);
    assert.equal((await runBin('schemas list', { ...trusting, ...identity })).code, 0);
    assert.notEqual((await runBin('health', trusting)).code, 0);
    assert.notEqual((await runBin('health', services.env)).code, 0);
  });

  it('says which file cannot be read', async () => {
    const missing = join(temporaryFolder(), 'nowhere.pem');
    const { code, stderr } = await runBin('schemas list', { GRPC_TLS_CA: missing });
    assert.equal(code, 2);
    assert.match(stderr, /GRPC_TLS_CA is ".*nowhere\.pem", which cannot be read \(ENOENT\)/);
  });
});

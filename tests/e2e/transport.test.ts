/** Which transport carries the calls of the services, by GRPC_TRANSPORT. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectDatabase, connectMessaging } from '@connections/proto-utils';
import { runStandalone, startStandalone, temporaryFolder } from './standalone-process.ts';

const listModules = fileURLToPath(new URL('../../fixtures/list-modules.cjs', import.meta.url));

/** Whether a process that has answered calls of both services has loaded @grpc/grpc-js. */
async function loadsGrpcJs(transport: string): Promise<boolean> {
  const folder = temporaryFolder();
  const modulesFile = join(folder, 'modules.json');
  await using services = await startStandalone({
    GRPC_TRANSPORT: transport,
    CONNECTIONS_DATA: folder,
    MODULES_FILE: modulesFile,
    NODE_OPTIONS: `--require ${listModules}`,
  });
  using database = connectDatabase(services.databaseAddress);
  using messaging = connectMessaging(services.messagingAddress);
  await database.cache.get({ key: 'a' }, { timeoutMs: 10_000 });
  await messaging.messaging.getTopology({}, { timeoutMs: 10_000 });
  services.kill('SIGTERM');
  await services.exited;
  const modules: string[] = JSON.parse(readFileSync(modulesFile, 'utf8'));
  return modules.some((file) => file.includes('@grpc/grpc-js'));
}

describe('the transport of the services', { timeout: 60_000 }, () => {
  it('is our own, which loads nothing of grpc-js, or grpc-js', async () => {
    assert.equal(await loadsGrpcJs('built-in'), false);
    assert.equal(await loadsGrpcJs('grpc-js'), true);
  });

  it('is named so that it is known', async () => {
    const { code, stderr } = await runStandalone({ GRPC_TRANSPORT: 'quic' });
    assert.equal(code, 2);
    assert.match(stderr, /GRPC_TRANSPORT is "quic", expected one of built-in, grpc-js/);
  });
});

/** Each service as a process of its own. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { openTestChannel, transportVariables } from '@connections/testing';
import { temporaryFolder } from './standalone-process.ts';

describe('a service alone', () => {
  for (const service of ['database', 'messaging']) {
    it(`says where it listens, serves and stops on TERM: ${service}`, { timeout: 30_000 }, async () => {
      const main = fileURLToPath(
        new URL(`../../../apps/connections/${service}/dist/src/main.js`, import.meta.url),
      );
      const child = spawn(process.execPath, [main], {
        cwd: tmpdir(),
        env: {
          ...transportVariables,
          CONNECTIONS_DATA: temporaryFolder(),
          DATABASE_CONNECTION_PORT: '0',
          MESSAGING_CONNECTION_PORT: '0',
        },
        stdio: ['ignore', 'inherit', 'pipe'],
      });
      const [line] = await once(createInterface({ input: child.stderr }), 'line');
      const ready = JSON.parse(line);
      assert.deepEqual([ready.msg, ready.service], ['ready', service]);

      const channel = openTestChannel(ready.address);
      const health = createClient(healthService, channel);
      assert.deepEqual(await health.check({}), { status: Status.SERVING });
      const { status } = await fetch(`http://${ready.http}/readyz`);
      assert.equal(status, 200);
      channel.close();
      child.kill('SIGTERM');
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    });
  }
});

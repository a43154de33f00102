/**
 * The wire contract holds on Redis and MongoDB too, with nothing set but the variables of existing deployments, and with every
 * call of a port going to the other of two drivers on the same stores.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mongoMissing, redisMissing, startMongo, startRedis } from '@connections/testing';
import { onServers } from './wire-stores.ts';

const suites = ['redis', 'mongo', 'mongo-listing', 'tasks', 'task-updates', 'python'];
/** For one suite, on a machine that has much else to do. */
const patienceMs = 180_000;
const skip = redisMissing() ?? mongoMissing({ own: true });

describe('on Redis and MongoDB the wire contract holds', { skip, timeout: 600_000 }, () => {
  for (const suite of suites) {
    it(`wire-${suite}`, async () => {
      // Servers for each: the work that a MongoDB for tests still has with large data would be in the next one's way.
      await using redis = await startRedis({ own: true, args: ['--databases', '100'] });
      await using mongo = await startMongo({ own: true });
      await passes(`wire-${suite}.test.js`, {
        [onServers]: 'true',
        REDIS_HOST: '127.0.0.1',
        REDIS_PORT: String(redis.port),
        MONGO_HOST: '127.0.0.1',
        MONGO_PORT: String(mongo.port),
      });
    });
  }
});

/** Runs a test file of this folder in a process of its own. */
async function passes(file: string, env: Readonly<Record<string, string>>): Promise<void> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // A test runner tells its children how to report by this variable; this child reports to us.
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--enable-source-maps', '--test-reporter=spec', path], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  assert.equal(code, 0, output);
  assert.match(output, /pass [1-9]/);
}

/** Both services as a strict client of others meets them, which has no file of the protos. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from '@connections/grpc';
import { reflectionService } from '@connections/proto-utils';
import { openTestChannel } from '@connections/testing';
import { bufCurl, firstMessage, firstOfBufCurl } from './buf-curl.ts';
import { databaseCalls, messagingCalls, type ReflectedCall } from './reflected-calls.ts';
import { type StandaloneProcess, startStandalone, temporaryFolder } from './standalone-process.ts';

const start = (env = {}) =>
  startStandalone({ CONNECTIONS_DATA: temporaryFolder(), LOG_LEVEL: 'silent', ...env });

/** Of `actual` what `shape` has too. */
function restricted(actual: unknown, shape: unknown): unknown {
  if (Array.isArray(shape) && Array.isArray(actual)) {
    return actual.map((item, index) => restricted(item, shape[index]));
  }
  if (!isRecord(shape) || !isRecord(actual)) return actual;
  return Object.fromEntries(Object.keys(shape).map((key) => [key, restricted(actual[key], shape[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function carryOut(address: string, { method, requests, answer, status = 0, endless }: ReflectedCall) {
  const data = requests.map((request) => JSON.stringify(request)).join(' ');
  const args = ['--data', data, `http://${address}/${method}`];
  if (endless) {
    assert.deepEqual(restricted(await firstOfBufCurl(...args), answer), answer, method);
    return;
  }
  const answered = await bufCurl(...args);
  assert.equal(answered.status, status, `${method}: ${answered.stderr}`);
  if (answer === undefined) return;
  assert.deepEqual(restricted(firstMessage(answered.stdout), answer), answer, method);
}

const services = [
  {
    name: 'Database',
    calls: databaseCalls,
    address: (running: StandaloneProcess) => running.databaseAddress,
  },
  {
    name: 'Messaging',
    calls: messagingCalls,
    address: (running: StandaloneProcess) => running.messagingAddress,
  },
];

describe('reflection', () => {
  for (const { name, calls, address } of services) {
    it(`lets buf curl list and call every method of the ${name} service`, { timeout: 120_000 }, async () => {
      await using running = await start();
      const { stdout } = await bufCurl('--list-methods', `http://${address(running)}`);
      const called = [...new Set(calls.map(({ method }) => method))];
      assert.deepEqual(stdout.trim().split('\n'), called.sort());
      for (const call of calls) await carryOut(address(running), call);
    });
  }

  it('answers clients that ask for the version before v1', async () => {
    await using running = await start();
    const { stdout } = await bufCurl(
      '--reflect-protocol',
      'grpc-v1alpha',
      ...['--data', '{"key":"a"}'],
      `http://${running.databaseAddress}/connections.cache.v1.CacheService/Get`,
    );
    assert.deepEqual(JSON.parse(stdout), {});
  });

  it('does not hold up a stop by a stream that a tool keeps', { timeout: 30_000 }, async () => {
    await using running = await start({ DRAIN_SECONDS: '600' });
    const channel = openTestChannel(running.databaseAddress);
    const requests = async function* () {
      yield { messageRequest: { $case: 'listServices' as const, value: '' } };
      await new Promise(() => {});
    };
    const stream = createClient(reflectionService, channel).serverReflectionInfo(requests());
    const answers = stream[Symbol.asyncIterator]();
    await answers.next();
    running.kill('SIGTERM');
    assert.deepEqual(await answers.next(), { done: true, value: undefined });
    assert.equal((await running.exited).code, 0);
    channel.close();
  });
});

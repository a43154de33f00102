/** The life of the real process: how it starts, refuses to start, and stops. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createClient } from '@connections/grpc';
import {
  connectDatabase,
  connectMessaging,
  healthService,
  type MessagingClient,
  wireMessagingService,
} from '@connections/proto-utils';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { openTestChannel } from '@connections/testing';
import { runStandalone, startStandalone, temporaryFolder } from './standalone-process.ts';

const never = new Promise<never>(() => {});

/** Subscribes, takes one delivery and settles nothing; calls back for every frame until the stream ends. */
async function holdDelivery(messaging: MessagingClient['messaging'], onFrame: (kind: string) => void) {
  const [exchange, queue] = ['lifecycle', 'held'];
  const bindings = [{ exchange, queue, routingKey: '#' }];
  await messaging.declareTopology({
    topology: { exchanges: [{ name: exchange, type: 'topic' }], queues: [{ name: queue }], bindings },
  });
  await messaging.publish({ exchange, routingKey: 'a', messages: [{ body: new Uint8Array(1) }] });
  const requests = (async function* () {
    yield { frame: { $case: 'open' as const, value: { queue, credit: { messages: 1 } } } };
    await never;
  })();
  for await (const { frame } of messaging.subscribe(requests)) onFrame(frame?.$case ?? '');
}

describe('a stop', () => {
  it('by SIGTERM says NOT_SERVING, ends open streams and exits 0', async () => {
    await using service = await startStandalone({ CONNECTIONS_DATA: temporaryFolder() });
    const channel = openTestChannel(service.messagingAddress);
    const health = createClient(healthService, channel);
    const wire = createClient(wireMessagingService, channel);
    const idleStream = wire.streamSchemaMessages({})[Symbol.asyncIterator]().next();
    const told = assert.rejects(idleStream, { status: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
    const seen: number[] = [];
    for await (const { status } of health.watch({ service: wireMessagingService.fullName })) {
      seen.push(status);
      if (seen.length === 1) service.kill('SIGTERM');
    }
    assert.deepEqual(seen, [Status.SERVING, Status.NOT_SERVING]);
    await told;
    const { code, signal, stderr } = await service.exited;
    channel.close();
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
  });

  it('takes under 1.5 s when nothing is open', async () => {
    await using service = await startStandalone({ CONNECTIONS_DATA: temporaryFolder() });
    const start = performance.now();
    service.kill('SIGINT');
    assert.equal((await service.exited).code, 0);
    assert.ok(performance.now() - start < 1_500);
  });

  it('is cut short by a second SIGINT, with 130', async () => {
    await using service = await startStandalone({ CONNECTIONS_DATA: temporaryFolder(), DRAIN_SECONDS: '60' });
    using client = connectMessaging(service.messagingAddress);
    let insisting: NodeJS.Timeout | undefined;
    const stream = holdDelivery(client.messaging, (kind) => {
      if (kind === 'delivery') service.kill('SIGINT');
      if (kind === 'draining') insisting = setInterval(() => service.kill('SIGINT'), 50);
    });
    await assert.rejects(stream);
    clearInterval(insisting);
    assert.equal((await service.exited).code, 130);
  });
});

describe('a start', () => {
  it('prints the banner to standard output and nothing to standard error', async () => {
    await using service = await startStandalone({ CONNECTIONS_DATA: temporaryFolder(), LOG_LEVEL: 'warn' });
    service.kill('SIGTERM');
    const { stdout, stderr } = await service.exited;
    assert.match(
      stdout,
      /^Connection Services \d+\.\d+\.\d+\n[\s\S]*\nConnection Services is ready in \d+ ms\n$/,
    );
    assert.equal(stderr, '');
  });

  it('lists all bad settings at once and exits 2', async () => {
    const { code, stderr } = await runStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      DATABASE_CONNECTION_PORT: 'fifty',
      MESSAGING_CONNECTION_PORT: '70000',
      LOG_LEVEL: 'loud',
      CONNECTIONS_DTA: 'x',
    });
    assert.equal(code, 2);
    const lines = stderr.trimEnd().split('\n');
    assert.equal(lines.length, 4, stderr);
    assert.match(stderr, /^DATABASE_CONNECTION_PORT is "fifty", expected a port from 0 to 65535$/m);
    assert.match(stderr, /^CONNECTIONS_DTA: no such setting; did you mean CONNECTIONS_DATA\?$/m);
  });

  it('names a busy port, the variable that changes it and its holder in one line, and exits 1', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { code, stderr } = await runStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      MESSAGING_CONNECTION_PORT: String(address.port),
    });
    holder.close();
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(`^Cannot start: port ${address.port} is in use.*MESSAGING_CONNECTION_PORT.*\\n$`),
    );
    if (process.platform === 'linux') assert.match(stderr, new RegExp(`process ${process.pid} `));
  });

  it('on a locked data folder names the process that holds it in one line, and exits 1', async () => {
    const folder = temporaryFolder();
    await using first = await startStandalone({ CONNECTIONS_DATA: folder });
    const { code, stderr } = await runStandalone({ CONNECTIONS_DATA: folder });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^Cannot start: .*\\b${first.pid}\\b.*\\n$`));
  });
});

describe('a damaged data folder', () => {
  it('is refused in one line with exit 1, and never started empty', async () => {
    const folder = temporaryFolder();
    {
      await using service = await startStandalone({ CONNECTIONS_DATA: folder });
      service.kill('SIGTERM');
      await service.exited;
    }
    truncateSync(join(folder, 'messaging', 'store.mdb'), 100);
    const { code, stdout, stderr } = await runStandalone({ CONNECTIONS_DATA: folder });
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^Cannot start: .*messaging.*\n$/);
  });
});

describe('a restart', () => {
  it('keeps what was written', async () => {
    const folder = temporaryFolder();
    {
      await using service = await startStandalone({ CONNECTIONS_DATA: folder });
      using database = connectDatabase(service.databaseAddress);
      await database.cache.set({ key: 'greeting', value: new TextEncoder().encode('hello') });
      service.kill('SIGTERM');
      await service.exited;
    }
    await using service = await startStandalone({ CONNECTIONS_DATA: folder });
    using database = connectDatabase(service.databaseAddress);
    const { entry } = await database.cache.get({ key: 'greeting' });
    assert.equal(new TextDecoder().decode(entry?.value), 'hello');
  });
});

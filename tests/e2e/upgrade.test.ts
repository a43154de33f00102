/** Today's code on a data folder that the first release with embedded stores wrote; see tests/fixtures. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient } from '@connections/grpc';
import {
  connectDatabase,
  connectMessaging,
  type DatabaseClient,
  type MessagingClient,
  wireDatabaseService,
  wireMessagingService,
} from '@connections/proto-utils';
import type { SubscribeResponse_Delivery } from '@connections/proto-utils/v1/messaging';
import { RegisterResponse_Outcome as Outcome } from '@connections/proto-utils/v1/schemas';
import { openTestChannel } from '@connections/testing';
import { type StandaloneProcess, startStandalone, temporaryFolder } from './standalone-process.ts';

const fixture = fileURLToPath(new URL('../../fixtures/data-format-1/data.tar.gz', import.meta.url));

function unpacked(): string {
  const folder = temporaryFolder();
  execFileSync('tar', ['-xzf', fixture, '-C', folder]);
  return folder;
}

/** Starts a process whose clock shows the moment that the folder was made at, or a time after it. */
function startAfter(folder: string, sinceMs: number): Promise<StandaloneProcess> {
  const { created } = JSON.parse(readFileSync(join(folder, 'database/format.json'), 'utf8'));
  const shiftMs = Date.parse(created) + sinceMs - Date.now();
  const program = `const now = Date.now; Date.now = () => now() + ${shiftMs};`;
  const preload = `--import=data:text/javascript,${encodeURIComponent(program)}`;
  return startStandalone({ CONNECTIONS_DATA: folder, NODE_OPTIONS: preload });
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

/** Takes `count` deliveries of a queue and acknowledges each. */
async function take({ messaging }: MessagingClient, queue: string, count: number) {
  const taken: SubscribeResponse_Delivery[] = [];
  let settled = 0;
  let wake = () => {};
  async function* frames() {
    yield { frame: { $case: 'open' as const, value: { queue } } };
    for (let next = 0; ; ) {
      const delivery = taken[next];
      if (delivery) {
        yield { frame: { $case: 'ack' as const, value: { ids: [delivery.id] } } };
        next += 1;
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  for await (const { frame } of messaging.subscribe(frames(), { timeoutMs: 10_000 })) {
    if (frame?.$case === 'settled') settled += frame.value.ids.length;
    if (settled === count) return taken;
    if (frame?.$case !== 'delivery') continue;
    taken.push(frame.value);
    wake();
  }
  return taken;
}

describe('data of format 1', { timeout: 60_000 }, () => {
  let service: StandaloneProcess;
  let database: DatabaseClient;
  let messaging: MessagingClient;

  before(async () => {
    service = await startAfter(unpacked(), 10_000);
    database = connectDatabase(service.databaseAddress);
    messaging = connectMessaging(service.messagingAddress);
  });

  after(async () => {
    database.close();
    messaging.close();
    await service[Symbol.asyncDispose]();
  });

  it('has its cache entries, bytes and expiries', async () => {
    const { entries } = await database.cache.list({});
    assert.deepEqual(
      entries.map(({ key, value }) => [key, text(value)]),
      [
        ['bytes', Buffer.from([0, 255, 128]).toString()],
        ['greeting', 'hello'],
        ['short', 'gone within the hour'],
        ['wire', 'text'],
      ],
    );
    assert.deepEqual([...(entries[0]?.value ?? [])], [0, 255, 128]);
    const days = (Number(entries[1]?.expireTime) - Number(entries[2]?.expireTime)) / 86_400_000;
    assert.equal(Math.round(days), 30);
    const team = await database.cache.get({ namespace: 'team', key: 'greeting' });
    assert.equal(text(team.entry?.value), 'hello, team');
    const cleared = await database.cache.get({ namespace: 'cleared', key: 'greeting' });
    assert.equal(cleared.entry, undefined);
  });

  it('has its schemas with every version, and compares with the active one', async () => {
    const name = 'customers';
    const { versions } = await database.schemas.listVersions({ name });
    assert.deepEqual(
      versions.map(({ version, author, note, active }) => [version, author, note, active]),
      [
        [1n, 'ann', 'first', false],
        [2n, 'bob', 'people grow older', false],
        [3n, 'ann', '', true],
      ],
    );
    assert.equal(versions[2]?.fingerprint, versions[0]?.fingerprint);
    const again = await database.schemas.register({ name, document: versions[0]?.document ?? '' });
    assert.equal(again.outcome, Outcome.OUTCOME_UNCHANGED);
    const { schemas } = await database.schemas.list({});
    assert.deepEqual(
      schemas.map((schema) => schema.name),
      [name, 'orders'],
    );
    const next = await database.schemas.register({ name, document: '{}' });
    assert.equal(next.active?.version, 4n);
  });

  it('has its tasks with their history, and remembers the requests that made it', async () => {
    const ref = { category: 'validation', id: 'old-1' };
    const { task } = await database.tasks.get(ref);
    assert.deepEqual(
      [task?.status, task?.code, task?.message, task?.revision, task?.importName, [...(task?.data ?? [])]],
      [
        'completed',
        200,
        'done',
        3n,
        'customers',
        [
          ['import_name', 'customers'],
          ['rows', '4000'],
        ],
      ],
    );
    const { transitions } = await database.tasks.listTransitions(ref);
    assert.deepEqual(
      transitions.map(({ status, revision }) => [status, revision]),
      [
        ['accepted', 1n],
        ['processing-file', 2n],
        ['completed', 3n],
      ],
    );
    const repeated = await database.tasks.patch({ ...ref, status: 'completed', requestId: 'finish' });
    assert.equal(repeated.task?.revision, 3n);
    const { tasks } = await database.tasks.list({ category: 'validation' });
    assert.deepEqual(
      tasks.map(({ id }) => id),
      ['old-2', 'old-1'],
    );
    const removed = database.tasks.get({ category: 'validation', id: 'removed' });
    await assert.rejects(removed, { status: 'NOT_FOUND' });
    const patched = await database.tasks.patch({ ...ref, status: 'published' });
    assert.equal(patched.task?.revision, 4n);
    const published = await database.tasks.list({ status: 'published' });
    assert.deepEqual(
      published.tasks.map(({ id }) => id),
      ['old-1'],
    );
  });

  it('answers the existing clients from what they wrote', async () => {
    const channel = openTestChannel(service.databaseAddress);
    const wire = createClient(wireDatabaseService, channel);
    const { value } = await wire.getTaskId({ task: 'schemas', taskId: 'old-wire' });
    assert.deepEqual(
      [value?.status, value?.code, value?.message, value?.data.get('version')],
      ['schema-created', 202, 'it stands', '1'],
    );
    const raw = await wire.mongoGetRawSchemas({ importName: 'orders' });
    assert.deepEqual(raw.activeSchema?.required, ['id']);
    assert.equal(raw.activeSchema?.properties.get('id')?.extra.get('minimum'), '1');
    assert.deepEqual(
      raw.schemasReleases.map(({ createdAt }) => createdAt),
      ['2026-01-01T00:00:00Z'],
    );
    assert.equal((await wire.redisGet({ key: 'wire' })).value, 'text');
    channel.close();
  });

  it('has its queues: ready messages in order with their attempts, and dead letters', async () => {
    const { statistics } = await messaging.messaging.getTopology({});
    const ready = new Map(statistics.map(({ queue, ready }) => [queue, ready]));
    assert.deepEqual([ready.get('old'), ready.get('old.dead')], [3n, 1n]);

    const deliveries = await take(messaging, 'old', 3);
    const seen = deliveries.map(({ message, attempt }) => [message?.id, text(message?.body), attempt]);
    assert.deepEqual(seen.sort(), [
      ['failed', 'body of failed', 2],
      ['ready-1', 'body of ready-1', 1],
      ['ready-2', 'body of ready-2', 1],
    ]);
    const [first] = deliveries;
    assert.equal(first?.message?.headers.get('written-by'), 'the first release');
    assert.equal(first?.message?.subject, `validation/${first?.message?.id}`);
    const [dead] = await take(messaging, 'old.dead', 1);
    assert.equal(dead?.message?.id, 'rejected');

    const { results } = await messaging.messaging.publish({
      exchange: 'old',
      routingKey: 'old.b',
      messages: [{ id: 'new', body: Buffer.from('new') }],
    });
    assert.equal(results.length, 1);
    const [added] = await take(messaging, 'old', 1);
    assert.equal(added?.message?.id, 'new');
  });

  it('hands the existing consumers what was waiting for them', async () => {
    const channel = openTestChannel(service.messagingAddress);
    const wire = createClient(wireMessagingService, channel);
    for await (const message of wire.streamValidationMessages({}, { timeoutMs: 10_000 })) {
      assert.deepEqual([message.id, message.fileData, message.extra.get('note')], ['old-1', '00ff', 'kept']);
      break;
    }
    channel.close();
  });
});

describe('data of format 1, 40 days later', { timeout: 60_000 }, () => {
  it('has lost the cache entries whose time is over and nothing else, and keeps its identity', async () => {
    const folder = unpacked();
    const format = readFileSync(join(folder, 'database/format.json'), 'utf8');
    await using service = await startAfter(folder, 40 * 86_400_000);
    using database = connectDatabase(service.databaseAddress);
    assert.deepEqual((await database.cache.list({})).entries, []);
    assert.equal((await database.tasks.get({ category: 'validation', id: 'old-2' })).task?.code, 202);
    await database.cache.set({ key: 'new', value: Buffer.from('new') });
    assert.equal(readFileSync(join(folder, 'database/format.json'), 'utf8'), format);
  });
});

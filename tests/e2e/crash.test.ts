/** What the services have acknowledged over the socket is there after a kill of their process. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc';
import {
  connectDatabase,
  connectMessaging,
  type DatabaseClient,
  type MessagingClient,
} from '@connections/proto-utils';
import { type StandaloneProcess, startStandalone, temporaryFolder } from './standalone-process.ts';

const rounds = 10;
const lanes = 8;
const [exchange, queue] = ['crash', 'crash'];
const category = 'crash';
const never = new Promise<never>(() => {});

/** By what each acknowledged write made; patches of one task only count up. */
interface Acknowledged {
  readonly cache: Set<string>;
  readonly revisions: Map<string, bigint>;
  readonly versions: Map<string, bigint | number>;
  readonly messages: Set<string>;
}

/** Writes until the process dies: calls fail from then on. */
async function writeUntilKilled(
  service: StandaloneProcess,
  round: number,
  acknowledged: Acknowledged,
): Promise<number> {
  using database = connectDatabase(service.databaseAddress);
  using messaging = connectMessaging(service.messagingAddress);
  let count = 0;
  const lane = async (write: (at: number) => Promise<void>) => {
    for (let at = 0; ; at++) {
      try {
        await write(at);
      } catch {
        return;
      }
      count += 1;
    }
  };
  const writing = Array.from({ length: lanes }, (_, number) => {
    const name = `${round}-${number}`;
    return [
      lane(async (at) => {
        await database.cache.set({ key: `${name}-${at}`, value: Buffer.from(name) });
        acknowledged.cache.add(`${name}-${at}`);
      }),
      lane(async (at) => {
        const ref = { category, id: name };
        const { task } =
          at === 0
            ? await database.tasks.create({ ...ref, state: { status: 's0' } })
            : await database.tasks.patch({ ...ref, status: `s${at}` });
        acknowledged.revisions.set(name, task?.revision ?? 0n);
      }),
      lane(async (at) => {
        const { active } = await database.schemas.register({ name, document: `{"maximum":${at}}` });
        acknowledged.versions.set(name, active?.version ?? 0);
      }),
      lane(async (at) => {
        const id = `${name}-${at}`;
        await messaging.messaging.publish({
          exchange,
          routingKey: 'a',
          messages: [{ id, body: Buffer.from(id) }],
        });
        acknowledged.messages.add(id);
      }),
    ];
  }).flat();
  // The kill comes at any moment of the writing.
  const enough = 50 + Math.random() * 400;
  while (count < enough) await new Promise(setImmediate);
  service.kill('SIGKILL');
  await Promise.all(writing);
  return count;
}

async function declare({ messaging }: MessagingClient): Promise<void> {
  const bindings = [{ exchange, queue, routingKey: '#' }];
  await messaging.declareTopology({
    topology: { exchanges: [{ name: exchange, type: 'topic' }], queues: [{ name: queue }], bindings },
  });
}

async function assertStored(
  { cache, tasks, schemas }: DatabaseClient,
  acknowledged: Acknowledged,
): Promise<void> {
  for (const key of acknowledged.cache) {
    const { entry } = await cache.get({ key });
    assert.equal(Buffer.from(entry?.value ?? []).toString(), key.replace(/-\d+$/, ''), `cache entry ${key}`);
  }
  for (const [id, revision] of acknowledged.revisions) {
    const { task } = await tasks.get({ category, id });
    assert.ok(task && task.revision >= revision, `task ${id} is at ${task?.revision}, not ${revision}`);
  }
  for (const [name, version] of acknowledged.versions) {
    const { schema } = await schemas.get({ name });
    assert.ok(schema && schema.version >= version, `schema ${name} is at ${schema?.version}, not ${version}`);
  }
}

/** Consumes and acknowledges until every message that was confirmed has come. */
async function assertQueued({ messaging }: MessagingClient, confirmed: Set<string>): Promise<void> {
  const missing = new Set(confirmed);
  const answers: string[] = [];
  let more = () => {};
  async function* frames() {
    yield { frame: { $case: 'open' as const, value: { queue, credit: { messages: 256 } } } };
    for (;;) {
      const ids = answers.splice(0);
      if (ids.length > 0) yield { frame: { $case: 'ack' as const, value: { ids } } };
      else await Promise.race([never, new Promise<void>((resolve) => (more = resolve))]);
    }
  }
  try {
    for await (const { frame } of messaging.subscribe(frames(), { timeoutMs: 20_000 })) {
      if (frame?.$case !== 'delivery') continue;
      missing.delete(frame.value.message?.id ?? '');
      answers.push(frame.value.id);
      more();
      if (missing.size === 0) return;
    }
  } catch (error) {
    if (!isStatusError(error) || error.status !== 'DEADLINE_EXCEEDED') throw error;
  }
  assert.fail(`${missing.size} confirmed messages are lost`);
}

describe('a kill of the process', () => {
  it(`loses nothing that was acknowledged, over ${rounds} kills`, { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const acknowledged = {
      cache: new Set<string>(),
      revisions: new Map(),
      versions: new Map(),
      messages: new Set<string>(),
    };
    let writes = 0;
    for (let round = 0; round < rounds; round++) {
      await using service = await startStandalone({ CONNECTIONS_DATA: folder });
      using messaging = connectMessaging(service.messagingAddress);
      await declare(messaging);
      writes += await writeUntilKilled(service, round, acknowledged);
    }
    await using service = await startStandalone({ CONNECTIONS_DATA: folder });
    using database = connectDatabase(service.databaseAddress);
    using messaging = connectMessaging(service.messagingAddress);
    await assertStored(database, acknowledged);
    await assertQueued(messaging, acknowledged.messages);
    assert.ok(writes > 500, `only ${writes} writes were acknowledged`);
  });
});

/** The import of tasks that only the first implementation's Redis knows: the service as a process, on real stores. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImportLegacyTasksResponse } from '@connections/proto-utils/v1/tasks';
import { eventually, inBatches, mongoMissing, redisMissing } from '@connections/testing';
import { startDatabaseProcess } from './database-process.ts';
import {
  importable,
  mongoContent,
  redisContent,
  seed,
  seedHash,
  unreadable,
  viewEntries,
} from './legacy-seeds.ts';
import { ofPeople, seedCache, taken, tasksOf } from './old-data.ts';
import { type OldStores, oldStores, type RawStores } from './old-stores.ts';
import { type Clients, clientsOf } from './process-clients.ts';

const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;
/** `LEGACY_TASKS=10000` for a figure that says something; SecantusDB takes minutes for it on a busy machine. */
const many = Number(process.env.LEGACY_TASKS ?? 300);
const lacking = many / 5;
/** What a machine that is busy with other tests is given; alone it takes a few seconds. */
const manyWithinMs = 120_000;
const patient = { timeoutMs: 60_000 };

type Counts = Omit<ImportLegacyTasksResponse, 'nextPageToken'>;

async function* pages(tasks: Clients['tasks'], apply: boolean): AsyncGenerator<ImportLegacyTasksResponse> {
  let pageToken = '';
  do {
    const page = await tasks.importLegacyTasks({ apply, pageToken }, patient);
    pageToken = page.nextPageToken;
    yield page;
  } while (pageToken !== '');
}

async function importAll({ service }: Pick<OldStores, 'service'>, apply: boolean): Promise<Counts> {
  const sum = { found: 0, known: 0, removed: 0, imported: 0, unreadable: 0 };
  const problems = [];
  for await (const page of pages(clientsOf(service).tasks, apply)) {
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += page[name];
    problems.push(...page.problems);
  }
  return { ...sum, problems };
}

async function seedAll(stores: RawStores): Promise<void> {
  const first = tasksOf(stores);
  await first.set('both', taken(ofPeople));
  // As after a failure between the two stores: MongoDB has the last word.
  await stores.redis.hSet('validation:task:both', { status: 'completed', code: '200' });
  await first.set('removed', taken(ofPeople));
  for (const [key, each] of importable) await seedHash(stores, key, each.seed);
  for (const [key, [fields]] of unreadable) await seedHash(stores, key, fields, 0);
  await seedCache(stores);
}

describe('tasks that only the old Redis knows', { skip }, () => {
  const stores = oldStores(seedAll);
  const known = 1;
  /** That of the cache's seeds too, which is a string. */
  const problems = unreadable.size + 1;

  it('are counted by a dry run, which changes neither store', async () => {
    const { client, redis, mongo } = stores();
    const ref = { taskId: 'removed', task: 'validation' };
    assert.equal((await client.removeTaskId(ref)).success, true);
    const before = [await redisContent(redis), await mongoContent(mongo), await viewEntries(redis)];
    const { problems: told, ...counts } = await importAll(stores(), false);
    const found = known + 1 + importable.size + problems;
    assert.deepEqual(counts, {
      ...{ found, known, removed: 1, imported: importable.size, unreadable: problems },
    });
    assert.equal(told.length, problems);
    for (const [key, [, problem]] of unreadable) {
      const shown = key.length > 256 ? `${key.slice(0, 256)}…` : key;
      assert.match(told.find((each) => each.key === shown)?.problem ?? `${key} is not told`, problem);
    }
    assert.equal(told.find(({ key }) => key === 'validation:task:as text')?.problem, 'it is no hash');
    assert.deepEqual(
      [await redisContent(redis), await mongoContent(mongo), await viewEntries(redis)],
      before,
    );
  });

  it('are imported where MongoDB lacks them, with every field', async () => {
    const { client, redis, mongo, service } = stores();
    const first = tasksOf(stores());
    const before = await redisContent(redis);
    const { imported, removed } = await importAll(stores(), true);
    assert.deepEqual([imported, removed], [importable.size, 1]);
    const { tasks } = clientsOf(service);
    for (const [key, { task: state }] of importable) {
      const [, category = '', id = ''] = /^(.+?):task:(.+)$/.exec(key) ?? [];
      const { data, ...rest } = state;
      const { value } = await client.getTaskId({ taskId: id, task: category });
      assert.deepEqual(value, { ...rest, data: new Map(Object.entries(data)) }, key);
      const { task } = await tasks.get({ category, id, strong: true });
      const importName = data.import_name ?? 'default';
      assert.deepEqual([task?.importName, task?.revision], [importName, 1n], key);
      const { transitions } = await tasks.listTransitions({ category, id });
      assert.deepEqual(
        transitions.map(({ revision, status, code }) => [revision, status, code]),
        [[1n, state.status, state.code]],
      );
      assert.ok((await first.ofImportName(importName, category)).includes(id), key);
    }
    const beside = await first.shown('beside');
    assert.deepEqual([beside?.owner, beside?.['a.b'] ?? 'ours'], ['ann', 'ours']);
    assert.equal((await first.shown('both'))?.status, 'accepted');
    assert.equal(await first.find('removed'), null);
    // Nothing that could not be read, and nothing twice.
    const expected = known + importable.size;
    assert.equal(await mongo.collection('tasks').countDocuments({ task_id: { $exists: true } }), expected);
    assert.deepEqual(await redisContent(redis), before);
  });

  it('are known the second time, and nothing is written', async () => {
    const { mongo } = stores();
    const before = await mongoContent(mongo);
    for (const apply of [true, false]) {
      const { imported, known: again } = await importAll(stores(), apply);
      assert.deepEqual([imported, again], [0, known + importable.size]);
    }
    assert.deepEqual(await mongoContent(mongo), before);
  });

  it('are tasks like any other from then on', async () => {
    const { client, redis } = stores();
    const ref = { taskId: 'beside', task: 'validation' };
    const data = new Map([['rows', '8']]);
    const change = { ...ref, field: 'status', value: 'completed', data };
    assert.equal((await client.updateTaskId(change)).success, true);
    assert.equal((await tasksOf(stores()).shown('beside'))?.owner, 'ann');
    const { tasks } = await client.getTasksByImportName({ importName: 'people', task: 'validation' });
    assert.deepEqual(tasks.map(({ status }) => status).toSorted(), ['accepted', 'accepted', 'completed']);
    await client.removeTaskId(ref);
    const { removed, imported } = await importAll(stores(), true);
    assert.deepEqual([removed, imported], [2, 0]);
    assert.equal((await client.getTaskId(ref)).found, false);
    assert.ok(await redis.exists('validation:task:beside'));
  });

  it('are refused where the page is of another kind of run', async () => {
    const { tasks } = clientsOf(stores().service);
    await assert.rejects(tasks.importLegacyTasks({ apply: true, pageToken: 'x' }), {
      status: 'INVALID_ARGUMENT',
    });
  });
});

describe('many tasks of the old Redis', { skip }, () => {
  const keys = Array.from({ length: many }, (_, at) => `validation:task:t${at}`);
  const stores = oldStores(async (raw) => {
    // The vendor's client gives up a command that waits too long behind others.
    await inBatches(keys, (key) => seedHash(raw, key, seed({ message: key })));
    const documents = keys.slice(lacking).map((key, at) => ({
      ...{ task_id: `t${lacking + at}`, task: 'validation', import_name: 'people' },
      ...{ status: 'completed', code: 200, message: key, data: ofPeople },
    }));
    await raw.mongo.collection('tasks').insertMany(documents);
  });

  it('are imported once though the service is killed in between', {
    timeout: manyWithinMs,
  }, async (context) => {
    const { redis, mongo, env } = stores();
    const before = await redisContent(redis);
    const collection = mongo.collection('tasks');
    const count = () => collection.countDocuments({ task: 'validation' });
    await using killed = await startDatabaseProcess(env);
    let isOver = false;
    const run = (async () => {
      // On a busy machine the store may be late: the run ends there, and is made again, as its operator would.
      while (!isOver) await importAll({ service: killed }, true).catch(() => {});
    })();
    await eventually(async () => {
      assert.ok((await collection.estimatedDocumentCount()) > many - lacking + lacking / 10);
    }, manyWithinMs);
    isOver = true;
    await killed[Symbol.asyncDispose]();
    await run;
    const left = many - (await count());
    let start = 0;
    const sum = await eventually(async () => {
      start = performance.now();
      return await importAll(stores(), true);
    }, manyWithinMs);
    const seconds = (performance.now() - start) / 1_000;
    assert.deepEqual([sum.found, sum.unreadable], [many, 0]);
    // A write that was on its way when its process ended counts as known or is made anew, never both.
    assert.equal(sum.known + sum.imported, many);
    assert.ok(sum.imported <= left, `${sum.imported} were imported of ${left} that were left`);
    assert.equal(await count(), many);
    const imported = {
      task: 'validation',
      status: 'accepted',
      code: 202,
      import_name: 'people',
      'cs.rev': 1,
    };
    assert.equal(await collection.countDocuments(imported), lacking);
    assert.deepEqual(await redisContent(redis), before);
    const again = performance.now();
    assert.equal((await importAll(stores(), false)).known, many);
    const rate = Math.round(many / ((performance.now() - again) / 1_000));
    context.diagnostic(`${left} of ${lacking} were left by the killed one`);
    context.diagnostic(`${many} keys, ${sum.imported} imported: ${seconds.toFixed(1)} s`);
    context.diagnostic(`${many} keys, all known: ${rate} a second`);
  });
});

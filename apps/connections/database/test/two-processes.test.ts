/** Two processes of ours on one Redis and one MongoDB: each sees at once what the other wrote, and neither undoes it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually, mongoMissing, redisCommands, redisMissing } from '@connections/testing';
import { sized } from '../conformance/schemas-acts.ts';
import { type Clients, clientsOf, entriesOf, historyOf, outcomesOf } from './process-clients.ts';
import { sharedStores } from './shared-stores.ts';
import { schemaOf } from './wire-schema.ts';

const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;

const numbers = (length: number) => Array.from({ length }, (_, at) => at);
const state = { status: 'new', code: 202, message: '', data: new Map([['import_name', 'people']]) };

describe('two processes on the same stores', { skip }, () => {
  const stores = sharedStores(2);

  function both(): readonly [Clients, Clients] {
    const [a, b] = stores().processes.map(clientsOf);
    if (!a || !b) throw new Error('there are fewer than two processes');
    return [a, b];
  }
  /** So many calls at once, one after the other to each of the two. */
  const spread = <T>(count: number, call: (clients: Clients, at: number) => Promise<T>): Promise<T>[] => {
    const sides = both();
    return numbers(count).map((at) => call(at % 2 === 0 ? sides[0] : sides[1], at));
  };

  for (const [from, to] of [[0, 1] as const, [1, 0] as const]) {
    it(`shows at ${to} at once what was written at ${from}, alone and in lists`, async () => {
      const [writer, reader] = [both()[from], both()[to]];
      const namespace = `seen-${from}`;
      for (const at of numbers(5)) {
        const [key, name, id] = [`k${at}`, `n${at}`, `t${at}`];
        await writer.cache.set({ namespace, key, value: Buffer.from(key) });
        const { entry } = await reader.cache.get({ namespace, key });
        assert.equal(Buffer.from(entry?.value ?? []).toString(), key);
        assert.equal((await reader.cache.list({ namespace })).entries.length, at + 1);

        await writer.schemas.register({ namespace, name, document: sized(1) });
        await writer.schemas.register({ namespace, name, document: sized(2) });
        assert.equal((await reader.schemas.get({ namespace, name })).schema?.document, sized(2));
        assert.equal((await historyOf(reader, namespace, name)).length, 2);
        const { schemas, totalSize } = await reader.schemas.list({ namespace });
        assert.deepEqual([schemas.at(-1)?.name, totalSize], [name, at + 1]);

        const ref = { namespace, category: 'c', id };
        await writer.tasks.put({ ...ref, state });
        await writer.tasks.patch({ ...ref, status: 'done' });
        const { task } = await reader.tasks.get(ref);
        assert.deepEqual([task?.status, task?.revision], ['done', 2n]);
        const found = await reader.tasks.list({ namespace, importName: 'people', status: 'done' });
        assert.deepEqual([found.tasks.length, found.tasks.some((each) => each.id === id)], [at + 1, true]);
        assert.equal((await reader.tasks.listTransitions(ref)).transitions.length, 2);
      }
      await writer.cache.delete({ namespace, keys: ['k0'] });
      await writer.schemas.delete({ namespace, name: 'n0' });
      await writer.tasks.remove({ namespace, category: 'c', id: 't0' });
      assert.equal((await reader.cache.list({ namespace })).entries.length, 4);
      assert.equal((await reader.schemas.list({ namespace })).totalSize, 4);
      assert.equal((await reader.tasks.list({ namespace })).tasks.length, 4);
      const gone = [
        reader.schemas.get({ namespace, name: 'n0' }),
        reader.tasks.get({ namespace, category: 'c', id: 't0' }),
      ];
      assert.deepEqual(await outcomesOf(gone), ['NOT_FOUND', 'NOT_FOUND']);
    });

    it(`shows clients of the wire contract at ${to} at once what they wrote at ${from}`, async () => {
      const [writer, reader] = [both()[from].wire, both()[to].wire];
      const name = `wire${from}`;
      const amount = (await reader.mongoCountAllDocuments({})).amount;
      await writer.redisSet({ key: name, value: 'v' });
      assert.equal((await reader.redisGet({ key: name })).value, 'v');
      assert.deepEqual((await reader.redisGetKeys({ pattern: `${name}*` })).keys, [name]);
      assert.equal((await reader.redisGetCache({})).cache.get(name), 'v');
      assert.equal((await reader.redisDelete({ keys: [name] })).count, 1);
      assert.equal((await writer.redisGet({ key: name })).found, false);

      const schema = (property: string) => ({
        importName: name,
        createdAt: property,
        activeSchema: schemaOf(property),
      });
      assert.equal((await writer.mongoInsertOneSchema(schema('a'))).status, 'inserted');
      assert.equal((await reader.mongoInsertOneSchema(schema('a'))).status, 'no_change');
      assert.equal((await reader.mongoInsertOneSchema(schema('b'))).status, 'updated');
      assert.equal((await writer.mongoFindJsonSchema({ importName: name })).schema?.required[0], 'b');
      assert.equal((await reader.mongoCountAllDocuments({})).amount, amount + 1);
      const { schemas } = await reader.mongoGetSchemasByImportRegex({ importName: `^${name}$` });
      assert.deepEqual(
        schemas.map(({ createdAt, schemasReleases }) => [createdAt, schemasReleases[0]?.createdAt]),
        [['b', 'a']],
      );
      assert.equal((await writer.mongoDeleteOneJsonSchema({ importName: name })).status, 'reverted');
      assert.equal((await reader.mongoDeleteOneJsonSchema({ importName: name })).status, 'deleted');
      assert.equal((await writer.mongoFindJsonSchema({ importName: name })).status, 'not_found');

      const ref = { taskId: name, task: 'validation' };
      const value = { ...state, data: new Map([['import_name', name]]) };
      await writer.setTaskId({ ...ref, value });
      await writer.updateTaskId({ ...ref, field: 'status', value: 'done' });
      // A view that was not told in time shows what is older until the feed has repaired it.
      await eventually(async () => assert.equal((await reader.getTaskId(ref)).value?.status, 'done'));
      const { tasks } = await reader.getTasksByImportName({ importName: name, task: 'validation' });
      assert.equal(tasks.length, 1);
      assert.equal((await reader.removeTaskId(ref)).success, true);
      await eventually(async () => assert.equal((await writer.getTaskId(ref)).found, false));
      assert.equal((await writer.removeTaskId(ref)).success, false);
    });
  }

  it('loses nothing of 24 concurrent writers of one task, those of the wire contract among them', async () => {
    const ref = { category: 'c', id: 'written' };
    await both()[0].tasks.put({ ...ref, state });
    const writes = spread(24, async ({ tasks, wire }, at) => {
      const data = new Map([[`k${at}`, String(at)]]);
      if (at % 3 !== 0) return tasks.patch({ ...ref, status: `s${at}`, data });
      const change = { field: 'status', value: `s${at}`, data };
      const { success, message } = await wire.updateTaskId({ taskId: ref.id, task: ref.category, ...change });
      return assert.ok(success, message);
    });
    await Promise.all(writes);
    const [one, other] = await Promise.all(both().map(async ({ tasks }) => (await tasks.get(ref)).task));
    assert.deepEqual(one, other);
    assert.equal(one?.revision, 25n);
    for (const at of numbers(24)) assert.equal(one?.data.get(`k${at}`), String(at));
    const { transitions } = await both()[1].tasks.listTransitions(ref);
    assert.deepEqual(
      transitions.map(({ revision }) => Number(revision)),
      numbers(25).map((at) => at + 1),
    );
    assert.equal(new Set(transitions.map(({ status }) => status)).size, 25);
    assert.equal(transitions.at(-1)?.status, one?.status);
  });

  it('loses nothing of 24 concurrent writers of one schema, a revert among them', async () => {
    for (const namespace of ['', 'written']) {
      const ref = { namespace, name: 'written' };
      for (const content of [1, 2]) await both()[0].schemas.register({ ...ref, document: sized(content) });
      const answers = await Promise.all(
        spread(24, async ({ schemas }, at) => {
          if (at === 11) return Number((await schemas.revert({ ...ref, version: 1n })).active?.version);
          const document = sized(100 + at);
          return Number((await schemas.register({ ...ref, document })).active?.version);
        }),
      );
      const kept = await historyOf(both()[0], namespace, 'written');
      assert.deepEqual(await historyOf(both()[1], namespace, 'written'), kept);
      assert.deepEqual(
        kept.map(([version]) => version),
        numbers(26).map((at) => at + 1),
      );
      const made = numbers(24).map((at) => (at === 11 ? sized(1) : sized(100 + at)));
      // Who made a version was told its number.
      assert.deepEqual(
        answers.map((version) => kept[version - 1]?.[1]),
        made,
      );
    }
  });

  it('creates once what both create at once', async () => {
    const ref = { category: 'c', id: 'created' };
    const creations = await outcomesOf(spread(8, ({ tasks }) => tasks.create({ ...ref, state })));
    assert.deepEqual(creations.toSorted(), [...Array<string>(7).fill('ALREADY_EXISTS'), 'OK']);
    const names = numbers(4).map((at) => `created${at}`);
    await Promise.all(
      names.flatMap((name) =>
        spread(6, ({ schemas }, at) => schemas.register({ name, document: sized(at) })),
      ),
    );
    for (const name of names) {
      const kept = await historyOf(both()[0], '', name);
      assert.deepEqual(kept.map(([, document]) => document).toSorted(), numbers(6).map(sized));
      assert.equal(await stores().mongo.collection('schemas').countDocuments({ import_name: name }), 1);
    }
    assert.equal(await stores().mongo.collection('tasks').countDocuments({ task_id: 'created' }), 1);
  });

  it('has one effect of a request that is repeated at the other process, afterwards or at once', async () => {
    const [a, b] = both();
    const ref = { category: 'c', id: 'repeated' };
    const twice = async (call: (clients: Clients) => Promise<unknown>) => {
      await call(a);
      await call(b);
    };
    const atOnce = (call: (clients: Clients) => Promise<unknown>) => Promise.all(spread(8, call));
    let made = 1n;
    for (const repeated of [twice, atOnce]) {
      const requestId = repeated.name;
      const revision = async () => (await a.tasks.get(ref)).task?.revision;
      await repeated(({ tasks }) => tasks.put({ ...ref, state, requestId: `${requestId}-put` }));
      assert.equal(await revision(), made);
      await repeated(({ tasks }) => tasks.patch({ ...ref, message: 'm', requestId: `${requestId}-patch` }));
      assert.equal(await revision(), made + 1n);
      made += 2n;
    }
    for (const repeated of [twice, atOnce]) {
      await repeated(({ tasks }) => tasks.remove({ ...ref, requestId: repeated.name }));
      await a.tasks.create({ ...ref, state });
      await repeated(({ tasks }) => tasks.remove({ ...ref, requestId: repeated.name }));
      assert.equal((await b.tasks.get(ref)).task?.revision, 1n);
    }

    const name = 'repeated';
    const numbersOf = async () => (await historyOf(b, '', name)).map(([version]) => version);
    for (const repeated of [twice, atOnce]) {
      const id = (what: string) => ({ name, requestId: `${repeated.name}-${what}` });
      for (const content of [1, 2, 3]) {
        await repeated(({ schemas }) => schemas.register({ ...id(`${content}`), document: sized(content) }));
      }
      await repeated(({ schemas }) => schemas.revert({ ...id('revert'), version: 1n }));
      assert.deepEqual(await numbersOf(), [1, 2, 3, 4]);
      await repeated(({ schemas }) => schemas.deleteActive(id('active')));
      assert.deepEqual(await numbersOf(), [1, 2, 3]);
      await repeated(({ schemas }) => schemas.delete(id('all')));
      await a.schemas.register({ name, document: sized(9) });
      await repeated(({ schemas }) => schemas.delete(id('all')));
      assert.deepEqual(await numbersOf(), [1]);
      await a.schemas.delete({ name });
    }
  });

  it('counts at one of the two what both delete at once', async () => {
    for (const namespace of ['', 'deleted']) {
      const keys = numbers(100).map((at) => `deleted${at}`);
      await Promise.all(spread(100, ({ cache }, at) => cache.set({ namespace, key: `deleted${at}` })));
      const counts = spread(4, async ({ cache }) => (await cache.delete({ namespace, keys })).deleted);
      assert.equal(
        (await Promise.all(counts)).reduce((sum, count) => sum + count),
        100,
      );
    }
  });

  it('keeps whole or removes what one writes while the other clears, and all that is written afterwards', async () => {
    const [a, b] = both();
    for (const namespace of ['', 'cleared']) {
      const value = Buffer.alloc(5_000, 'x');
      const set = (key: string) => b.cache.set({ namespace, key, value });
      await Promise.all(numbers(300).map((at) => set(`old${at}`)));
      let cleared = false;
      const clearing = a.cache.clear({ namespace }).then(() => {
        cleared = true;
      });
      let count = 0;
      while (!cleared) await Promise.all(numbers(20).map(() => set(`new${count++}`)));
      await clearing;
      await Promise.all(numbers(20).map((at) => set(`after${at}`)));
      const left = await Promise.all([a, b].map((clients) => entriesOf(clients, namespace)));
      const keys = left.map((entries) => entries.map(({ key }) => key));
      assert.deepEqual(keys[0], keys[1]);
      for (const at of numbers(20)) assert.ok(keys[0]?.includes(`after${at}`));
      assert.ok(!keys[0]?.some((key) => key.startsWith('old')));
      for (const entry of left.flat()) assert.ok(value.equals(entry.value), `a part of ${entry.key}`);
      for (const key of numbers(count).map((at) => `new${at}`)) {
        const { entry } = await a.cache.get({ namespace, key });
        assert.equal(entry !== undefined, keys[0]?.includes(key), key);
      }
      await a.cache.clear({ namespace });
      assert.equal((await b.cache.list({ namespace })).entries.length, 0);
    }
    assert.equal(await redisCommands(stores().redis.url, ['EXISTS', 'cs:c:{cleared}']), '0');
  });
});

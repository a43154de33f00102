/** What the schema port on MongoDB does while its server fails, freezes or is killed, and when its own process is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { budgetedPort, systemClock } from '@connections/runtime';
import { eventually, mongoMissing, type TestServer } from '@connections/testing';
import type { Db, Document } from 'mongodb';
import { candidate, sized } from '../conformance/schemas-acts.ts';
import type { Schemas } from '../src/port/schemas.ts';
import { mongoServer, openDatabase } from './mongo-ports.ts';
import { openSchemas } from './mongo-schema-ports.ts';

/** Of the tests that wait until it is over. */
const shortMs = 1_500;
const { signal } = new AbortController();
const ref = (name = 'people') => ({ namespace: 'default', name });
const stamp = { author: 'rita', note: '', createdAt: 2 };

/** Schemas as the service has them: with the budget that bounds every call. */
async function open(context: TestContext, server: TestServer, limitMs = 10_000) {
  const database = await openDatabase(server);
  context.after(() => database[Symbol.asyncDispose]());
  const { schemas, link } = await openSchemas(database.url);
  context.after(() => link[Symbol.asyncDispose]());
  return { schemas: budgetedPort('schema', schemas, { clock: systemClock, limitMs }), link, ...database };
}

function register(schemas: Schemas, content: number, requestId?: string, name?: string) {
  return schemas.register(ref(name), candidate(sized(content)), { mustExist: false, requestId }, signal);
}

async function history(schemas: Schemas, name?: string) {
  const page = await schemas.versions(ref(name), { after: 0, limit: 1_000 }, signal);
  return (page?.versions ?? []).map(({ version, document }) => [version, document] as const);
}

async function timed(call: Promise<unknown>): Promise<{ readonly ms: number; readonly reason: unknown }> {
  const start = performance.now();
  const reason = await call.then(
    () => 'OK',
    (error) => error.reason ?? error,
  );
  return { ms: performance.now() - start, reason };
}

/** Of heads that are there; one that is not is an insertion, and so is what goes into the archive. */
async function failing(db: Db, mode: Document | string, data: Document): Promise<void> {
  await db.admin().command({
    configureFailPoint: 'failCommand',
    mode,
    data: { failCommands: ['findAndModify', 'findandmodify'], ...data },
  });
}

describe('schemas on a failing MongoDB', { skip: mongoMissing({ failPoints: true }) ?? false }, () => {
  const server = mongoServer({ failPoints: true });

  for (const [what, data] of Object.entries({
    'the connection breaks': { closeConnection: true },
    'the primary steps down': { errorCode: 10_107 },
    'the write is made and the majority is late': {
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    },
  })) {
    it(`has one effect of a change without a request id when ${what}`, async (context) => {
      const { schemas, db } = await open(context, await server());
      // The driver itself repeats the first; the second is left to us.
      await failing(db, { times: 2 }, { failCommands: ['insert'], ...data });
      assert.equal((await register(schemas, 1)).outcome, 'created');
      for (const times of [1, 2]) {
        await failing(db, { times }, data);
        assert.equal((await register(schemas, times + 1)).outcome, 'updated');
      }
      await failing(db, { times: 2 }, data);
      assert.equal((await schemas.revert(ref(), 1, stamp, undefined, signal)).active.version, 4);
      await failing(db, { times: 2 }, data);
      const removal = await schemas.remove(ref(), 'active', undefined, signal);
      assert.equal(removal?.outcome === 'reverted' && removal.record.active.version, 3);
      assert.deepEqual(
        await history(schemas),
        [1, 2, 3].map((version) => [version, sized(version)]),
      );
      await failing(db, { times: 2 }, data);
      assert.equal((await schemas.remove(ref(), 'all', undefined, signal))?.outcome, 'deleted');
      assert.deepEqual(await history(schemas), []);
    });
  }

  it('changes nothing that one can see when it ends between the archive and the head', async (context) => {
    const { schemas, db, url } = await open(context, await server());
    for (const content of [1, 2]) await register(schemas, content);
    const before = await history(schemas);
    await failing(db, 'alwaysOn', { closeConnection: true });
    const lost = await Promise.all([3, 4, 5].map((content) => timed(register(schemas, content))));
    assert.deepEqual(new Set(lost.map(({ reason }) => reason)), new Set(['OUTCOME_UNKNOWN']));
    assert.equal(await db.collection('schemas_versions').countDocuments(), 2, 'the archive was not come to');
    await failing(db, 'off', {});
    await using other = await openSchemas(url);
    assert.deepEqual(await history(other.schemas), before);
    await register(other.schemas, 6);
    await eventually(() => schemas.ping(signal));
    await register(schemas, 7);
    assert.deepEqual(
      await history(schemas),
      [1, 2, 6, 7].map((content, index) => [index + 1, sized(content)]),
    );
  });

  it('answers every waiting writer within its budget on a frozen server, and each request has one effect', async (context) => {
    const frozen = await server();
    const { schemas, link } = await open(context, frozen, shortMs);
    await register(schemas, 0);
    const contents = Array.from({ length: 40 }, (_, at) => at + 1);
    const all = () => contents.map((content) => register(schemas, content, `r${content}`));
    frozen.freeze();
    try {
      for (const { ms, reason } of await Promise.all(all().map(timed))) {
        assert.match(String(reason), /OUTCOME_UNKNOWN|STORE_UNREACHABLE|STORE_TIMEOUT/);
        // The budget is counted in turns of the event loop, which come late on a busy machine.
        assert.ok(ms < 4 * shortMs, `it took ${ms} ms`);
      }
      await eventually(() => assert.equal(link.reachable, false));
      const page = { prefix: '', after: undefined, limit: 10 };
      const calls = [
        () => register(schemas, 99),
        () => schemas.find(ref(), { by: 'active' }, signal),
        () => schemas.list('default', page, signal),
        () => schemas.count('default', signal),
        () => schemas.remove(ref(), 'all', 'x', signal),
      ];
      for (const call of calls) {
        const { ms, reason } = await timed(call());
        assert.equal(reason, 'STORE_UNREACHABLE');
        // To look for a server takes the driver a second.
        assert.ok(ms < 500, `it took ${ms} ms`);
      }
    } finally {
      frozen.thaw();
    }
    await eventually(() => schemas.ping(signal));
    await Promise.all(all().slice(-16));
    const kept = await history(schemas);
    assert.deepEqual(
      kept.map(([version]) => version),
      kept.map((_, index) => index + 1),
    );
    for (const content of contents.slice(-16)) {
      assert.equal(kept.filter(([, document]) => document === sized(content)).length, 1, `${content}`);
    }
  });

  it('keeps the reason of a caller that gave up', async (context) => {
    const frozen = await server();
    const { schemas } = await open(context, frozen);
    await register(schemas, 0);
    const caller = new AbortController();
    const gone = new Error('gone');
    frozen.freeze();
    try {
      const call = schemas.register(
        ref(),
        candidate(sized(1)),
        { mustExist: false, requestId: undefined },
        caller.signal,
      );
      setTimeout(() => caller.abort(gone), 50);
      const { ms, reason } = await timed(call);
      assert.equal(reason, gone);
      assert.ok(ms < 5_000, `it took ${ms} ms`);
    } finally {
      frozen.thaw();
    }
  });
});

describe('schemas on a MongoDB that is killed', { skip: mongoMissing({ own: true }) ?? false }, () => {
  const server = mongoServer({ syncOnCommit: true });

  it('has one effect of every change that is repeated with its request id, and loses none', async () => {
    const killed = await server();
    await using opened = await openSchemas(killed.url);
    const { schemas } = opened;
    const acknowledged: number[] = [];
    let over = false;
    const writers = Array.from({ length: 6 }, async (_, lane) => {
      for (let at = 0; !over && at < 150; at++) {
        const content = lane * 1_000 + at;
        const write = () => register(schemas, content, `r${content}`);
        // Most are repeated by the store itself.
        await eventually(write, 30_000);
        acknowledged.push(content);
      }
    });
    for (let round = 0; round < 3; round++) {
      const before = acknowledged.length;
      await eventually(() => assert.ok(acknowledged.length > before + 10), 30_000);
      await delay(Math.random() * 100);
      await killed.kill();
      await killed.restart();
    }
    const before = acknowledged.length;
    await eventually(() => assert.ok(acknowledged.length > before), 30_000);
    over = true;
    await Promise.all(writers);
    const kept = await history(schemas);
    assert.deepEqual(kept.map(([, document]) => document).toSorted(), acknowledged.map(sized).toSorted());
    assert.deepEqual(
      kept.map(([version]) => version),
      kept.map((_, index) => index + 1),
    );
    assert.ok(opened.link.topology.losses >= 3, 'the server was not lost');
  });
});

describe('a process of ours that is killed while it registers', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();
  const writer = fileURLToPath(new URL('./mongo-schema-writer.js', import.meta.url));
  const rounds = 6;

  it(`has left every acknowledged version whole, after each of ${rounds} kills`, async (context) => {
    const { schemas, url } = await open(context, await server());
    let total = 0;
    for (let round = 0; round < rounds; round++) {
      const child = spawn(process.execPath, [writer, url, `${round}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const output = text(child.stdout);
      await once(child.stdout, 'data');
      // Not a wait for something to happen: the kill comes at any moment of the writing.
      await delay(Math.random() * 150);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const acknowledged = (await output)
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split(' '));
      for (const name of ['a', 'b', 'c']) {
        const kept = await history(schemas, name);
        assert.deepEqual(
          kept.map(([version]) => version),
          kept.map((_, index) => index + 1),
        );
        assert.equal(new Set(kept.map(([, document]) => document)).size, kept.length);
        for (const [of, version, document] of acknowledged) {
          if (of === name) assert.equal(kept[Number(version) - 1]?.[1], document);
        }
      }
      total += acknowledged.length;
    }
    context.diagnostic(`${total} acknowledged versions`);
    assert.ok(total > 5 * rounds, `only ${total} versions were acknowledged`);
  });
});

/** Calls that walk through much: others get their turn meanwhile, and they end when nobody waits for them any more. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startWireDatabase, type WireDatabase } from './wire-database.ts';

const names = 6_000;
const bounds = { maxBytes: 3_000_000, bytesOf: () => 1 };

/** How often the event loop came round while the work went on. */
async function roundsDuring(work: Promise<unknown>): Promise<number> {
  let rounds = 0;
  let going = true;
  const count = () => {
    rounds++;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  await work;
  going = false;
  return rounds;
}

async function fill({ drivers, clock, signal }: WireDatabase, ttlMs = 60_000): Promise<void> {
  const value = Buffer.from('v');
  const expiresAt = clock.now() + ttlMs;
  const entries = Array.from({ length: 5 * names }, (_, at) => ({ key: `k${at}`, value, expiresAt }));
  await drivers.cache.set('default', entries, signal);
}

async function fillSchemas({ drivers, signal }: WireDatabase): Promise<void> {
  const candidate = { document: '{}', author: '', note: '', createdAt: 0, statedAt: undefined };
  const options = { mustExist: false, requestId: undefined };
  const register = (_: unknown, at: number) =>
    drivers.schemas.register(
      { namespace: 'default', name: `s${at}` },
      { ...candidate, fingerprint: 'f' },
      options,
      signal,
    );
  await Promise.all(Array.from({ length: names }, register));
}

async function fillTasks({ drivers, signal }: WireDatabase): Promise<void> {
  const state = { status: 'accepted', code: 0, message: '', data: new Map() };
  const options = { requestId: undefined, principal: 'ann', allowBuffered: false, ifAbsent: false };
  const put = (_: unknown, at: number) =>
    drivers.tasks.put({ namespace: 'default', category: 'c', id: `t${at}` }, state, options, signal);
  await Promise.all(Array.from({ length: names }, put));
}

function scan({ services, signal }: WireDatabase, given: AbortSignal = signal) {
  const all = { prefix: '', accept: () => false, maxEntries: 1, maxBytes: 1, keysOnly: true };
  return services.cache.scan('default', all, given);
}

describe('a call that walks through much', () => {
  it('lets others have their turn while it looks for keys', async () => {
    await using database = await startWireDatabase();
    await fill(database);
    const rounds = await roundsDuring(scan(database));
    assert.ok(rounds >= 4, `${rounds} rounds`);
  });

  it('lets others have their turn while it passes over expired entries', async () => {
    await using database = await startWireDatabase();
    await fill(database);
    const at = database.clock.now() + 60_000;
    const range = { prefix: '', after: undefined, limit: 10, maxBytes: 1_000, keysOnly: true };
    // The clock of the entries only: the sweeper's stands still.
    database.clock.now = () => at;
    const rounds = await roundsDuring(database.drivers.cache.list('default', range, database.signal));
    assert.ok(rounds >= 4, `${rounds} rounds`);
  });

  it('lets others have their turn while it looks for schemas by pattern', async () => {
    await using database = await startWireDatabase();
    await fillSchemas(database);
    const { services, signal } = database;
    const rounds = await roundsDuring(services.schemas.search('default', () => false, 1_000, signal));
    assert.ok(rounds >= 3, `${rounds} rounds`);
  });

  it('lets others have their turn while it lists the tasks of an import name', async () => {
    await using database = await startWireDatabase();
    await fillTasks(database);
    const { services, signal } = database;
    const list = services.tasks.ofImportName('default', 'c', 'default', bounds, signal);
    const rounds = await roundsDuring(list);
    assert.ok(rounds >= 3, `${rounds} rounds`);
    assert.equal((await list).tasks.length, names);
  });

  it('ends when its caller is gone', async () => {
    await using database = await startWireDatabase();
    await fill(database);
    const controller = new AbortController();
    const gone = new Error('gone');
    setImmediate(() => controller.abort(gone));
    await assert.rejects(scan(database, controller.signal), gone);
  });
});

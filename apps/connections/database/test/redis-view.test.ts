/** The view of tasks on Redis: what its methods do beyond what the modelled view can tell. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hasReason } from '@connections/runtime/errors';
import { eventually, redisCommands, redisMissing, startRedis, type TestServer } from '@connections/testing';
import { partitionCount, taskKeys } from '../src/driver/redis/view-keys.ts';
import type { TaskView } from '../src/port/task-view.ts';
import type { TaskRef } from '../src/port/tasks.ts';
import { patient } from './redis-ports.ts';
import { begin, blindPut, filled, hourMs, nextPut, openView, recordOf, refTo } from './redis-view-acts.ts';

const skip = redisMissing({ own: true }) ?? false;
const inDefault = { namespace: 'default', category: undefined, importName: undefined, status: undefined };
const page = { after: undefined, limit: 100, maxBytes: 1_000_000 };

describe('the view on Redis', { skip }, () => {
  let server: TestServer;
  let opened: { readonly view: TaskView } & AsyncDisposable;
  let view: TaskView;
  const command = (...args: string[]) => redisCommands(server.url, args);
  before(async () => {
    server = await startRedis({ own: true });
    opened = await openView(server);
    view = opened.view;
  });
  after(async () => {
    await opened[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('shows a filled task until its time is over, and no longer names it then', async () => {
    const ref = refTo('short');
    await filled(view, recordOf(ref), 300);
    assert.ok((await view.read(ref, patient))?.task);
    await eventually(async () => assert.equal(await view.read(ref, patient), undefined));
    const { index } = taskKeys(ref).partition;
    await view.tail.advance(view.tail.partitionOf(ref), { from: 'c0', to: 'c0' }, patient);
    assert.equal(await command('ZCARD', index), '0');
  });

  it('grants a lease once, until it ends by itself', async () => {
    const ref = refTo('leased');
    assert.deepEqual(await view.lease(ref, 300, patient), { outcome: 'DENIED' });
    await begin(view, ref);
    const first = await view.lease(ref, 300, patient);
    assert.equal(first.outcome, 'GRANTED');
    assert.deepEqual(await view.lease(ref, 300, patient), { outcome: 'HELD' });
    await eventually(async () => assert.equal((await view.lease(ref, hourMs, patient)).outcome, 'GRANTED'));
    const late = first.outcome === 'GRANTED' ? first.lease : '';
    assert.equal(await view.fill(ref, late, recordOf(ref), hourMs, patient), false);
  });

  it('has one who tails a partition, until the time is over', async () => {
    const claim = (holder: string, forMs: number) => view.tail.claim(63, holder, forMs, patient);
    assert.deepEqual(await claim('one', 300), { held: true, checkpoint: undefined });
    assert.equal((await claim('one', 300)).held, true);
    assert.equal((await claim('other', 300)).held, false);
    await eventually(async () => assert.equal((await claim('other', hourMs)).held, true));
  });

  it('keeps what is buffered for as long as it takes, and drops it whole', async () => {
    const ref = refTo('buffered');
    await filled(view, recordOf(ref), hourMs);
    const { entry, buffer, lease } = taskKeys(ref);
    assert.ok(Number(await command('PTTL', entry)) > 0);
    assert.equal(await view.append(ref, await nextPut(view, ref, 'm1'), patient), 'APPENDED');
    assert.equal(await view.append(ref, await nextPut(view, ref, 'm2'), patient), 'APPENDED');
    assert.deepEqual([await command('PTTL', entry), await command('PTTL', buffer)], ['-1', '-1']);
    const dirty = await view.dirty(10, patient);
    assert.deepEqual([dirty.count, dirty.refs], [1, [ref]]);
    const stored = Number(await command('STRLEN', entry));
    assert.ok(dirty.bytes > stored && dirty.bytes < stored + 500, `${dirty.bytes} bytes`);
    assert.ok(Math.abs((dirty.oldestAt ?? 0) - Date.now()) < 10_000);
    assert.equal(await view.drop(ref, 'm1', patient), false);
    assert.equal(await view.drop(ref, 'm2', patient), true);
    assert.equal(await command('EXISTS', entry, buffer, lease), '0');
    assert.deepEqual(await view.dirty(10, patient), { count: 0, bytes: 0, oldestAt: undefined, refs: [] });
  });

  it('names the tasks that wait longest first, as many as asked for', async () => {
    const refs = Array.from({ length: 12 }, (_, at) => refTo(`waits${at}`));
    for (const ref of refs) {
      await view.append(ref, blindPut(ref, ref.id), patient);
      // The order is by the server's milliseconds.
      await command('DEBUG', 'SLEEP', '0.002');
    }
    const dirty = await view.dirty(5, patient);
    assert.deepEqual([dirty.count, dirty.refs], [12, refs.slice(0, 5)]);
    const none = await view.dirty(0, patient);
    assert.deepEqual([none.count, none.refs, none.oldestAt], [12, [], dirty.oldestAt]);
    await Promise.all(refs.map((ref) => view.drop(ref, ref.id, patient)));
    assert.equal((await view.dirty(5, patient)).bytes, 0);
  });

  it('takes no more than its share: operations of a task, bytes, age', async () => {
    const ref = refTo('much');
    const marks = Array.from({ length: 64 }, (_, at) => `m${at}`);
    for (const mark of marks) {
      assert.equal(await view.append(ref, await nextPut(view, ref, mark), patient), 'APPENDED');
    }
    assert.equal(await view.append(ref, await nextPut(view, ref, 'm64'), patient), 'FULL');
    assert.equal((await view.readWhole(ref, patient))?.operations.length, 64);
    await view.drop(ref, 'm63', patient);

    const large = blindPut(ref, 'large', { message: 'x'.repeat(2_200_000) });
    assert.equal(await view.append(ref, large, patient), 'FULL');
    const { dirty } = taskKeys(ref).partition;
    assert.equal(await view.append(ref, blindPut(ref, 'old'), patient), 'APPENDED');
    await command('ZADD', dirty, `${Date.now() - 901_000}`, taskKeys(ref).name);
    assert.equal(await view.append(ref, await nextPut(view, ref, 'new'), patient), 'FULL');
    assert.equal(await view.drop(ref, 'old', patient), true);
  });

  it('takes no more tasks of a partition than its share', async () => {
    const ref = refTo('one too many');
    const { dirty } = taskKeys(ref).partition;
    const others =
      'for at = 1, 1562 do redis.call(\'ZADD\', KEYS[1], ARGV[1], \'"a","b","\' .. at .. \'"\') end';
    await command('EVAL', others, '1', dirty, `${Date.now()}`);
    assert.equal(await view.append(ref, blindPut(ref, 'm'), patient), 'FULL');
    const { count, refs } = await view.dirty(100, patient);
    // Of one partition not all that were asked for.
    assert.deepEqual([count, refs.length], [1_562, 16]);
    await command('DEL', dirty);
    assert.equal(await view.append(ref, blindPut(ref, 'm'), patient), 'APPENDED');
    await view.drop(ref, 'm', patient);
  });

  it('brings nothing home of a buffer that an image lost its operations of', async () => {
    const ref = refTo('lost');
    const { buffer, entry } = taskKeys(ref);
    await view.append(ref, blindPut(ref, 'm'), patient);
    await command('DEL', buffer);
    assert.deepEqual((await view.readWhole(ref, patient))?.operations, []);
    assert.equal(await view.drop(ref, '', patient), true);
    await view.append(ref, blindPut(ref, 'm'), patient);
    await command('DEL', entry);
    assert.equal(await view.append(ref, blindPut(ref, 'n'), patient), 'APPENDED');
    const marks = (await view.readWhole(ref, patient))?.operations.map(({ mark }) => mark);
    assert.deepEqual(marks, ['n']);
    await view.drop(ref, 'n', patient);
    assert.equal((await view.dirty(1, patient)).count, 0);
  });

  it('believes no entry when what tells their age is gone', async () => {
    const ref = refTo('no epoch');
    await filled(view, recordOf(ref));
    await command('DEL', taskKeys(ref).partition.epoch);
    assert.equal(await view.read(ref, patient), undefined);
    assert.deepEqual(await view.lease(ref, 100, patient), { outcome: 'DENIED' });
    const partition = view.tail.partitionOf(ref);
    assert.equal((await view.tail.claim(partition, 'begin', 1, patient)).checkpoint, undefined);
    assert.equal(await view.tail.advance(partition, { from: undefined, to: 'c0' }, patient), true);
    assert.equal(await view.read(ref, patient), undefined);
    assert.equal((await view.lease(ref, 1, patient)).outcome, 'GRANTED');
    await command('DEL', taskKeys(ref).partition.checkpoint);
    await eventually(async () => {
      assert.deepEqual(await view.lease(ref, 1, patient), { outcome: 'DENIED' });
    });
  });

  it('ends a call with its signal and changes nothing for one that never began', async () => {
    const ref = refTo('ended');
    const over = AbortSignal.abort(new Error('over'));
    for (const call of callsOf(view, ref, over)) await assert.rejects(call, /over/);
    assert.equal(await view.read(ref, patient), undefined);
  });

  it('costs one command to read, and one script to do anything else with a task', async () => {
    const ref = refTo('cost');
    await filled(view, recordOf(ref));
    const calls = async (act: () => Promise<unknown>) => {
      await command('CONFIG', 'RESETSTAT');
      await act();
      const stats = await command('INFO', 'commandstats');
      const counts = [...stats.matchAll(/cmdstat_(mget|evalsha|eval|get):calls=(\d+)/g)];
      return counts.map(([, name, count]) => `${name} ${count}`).join();
    };
    assert.equal(await calls(() => view.read(ref, patient)), 'mget 1');
    await view.tell(ref, recordOf(ref, { revision: 2 }), hourMs, patient);
    const told = await calls(() => view.tell(ref, recordOf(ref, { revision: 3 }), hourMs, patient));
    assert.deepEqual(told.split(',').sort(), ['evalsha 1', 'mget 1']);
    assert.equal((await view.read(ref, patient))?.task?.revision, 3);
  });
});

describe('lists of the view on Redis', { skip }, () => {
  const many = 300;

  it('have every task that matches once, page by page', async () => {
    await using server = await startRedis({ own: true });
    await using opened = await openView(server);
    const { view } = opened;
    const put = async (ref: TaskRef, at: number) => {
      const change = {
        status: at % 2 ? 'running' : 'done',
        importName: `i${at % 3}`,
        message: 'x'.repeat(at),
      };
      if (at % 5) await filled(view, recordOf(ref, change));
      else await view.append(ref, blindPut(ref, ref.id, change), patient);
    };
    const refs = Array.from({ length: many }, (_, at) => refTo(`t${at}`));
    for (const [at, ref] of refs.entries()) await put(ref, at);
    await put({ ...refTo('t0'), namespace: 'default2' }, 1);
    await put({ ...refTo('t0'), category: 'schemas' }, 1);
    const removed = refTo('removed');
    await view.append(removed, { ...blindPut(removed, 'm'), task: undefined }, patient);

    const listed = async (query: object, limit: number, maxBytes = 1_000_000) => {
      const ids: string[] = [];
      for (let after: string | undefined, pages = 0; pages === 0 || after !== undefined; pages++) {
        const found = await view.list({ ...inDefault, ...query }, { after, limit, maxBytes }, patient);
        assert.ok(found.tasks.length <= limit);
        assert.ok(pages < 1_000);
        ids.push(...found.tasks.map(({ category, id }) => `${category} ${id}`));
        after = found.next;
      }
      return ids.sort();
    };
    const expected = (matches: (at: number) => boolean) =>
      refs.flatMap(({ id }, at) => (matches(at) ? [`validation ${id}`] : [])).sort();
    const all = [...expected(() => true), 'schemas t0'].sort();
    assert.deepEqual(await listed({}, 1_000), all);
    assert.deepEqual(await listed({}, 7), all);
    assert.deepEqual(await listed({}, 1), all);
    assert.deepEqual(await listed({}, 1_000, 600), all);
    assert.deepEqual(await listed({ category: 'schemas' }, 10), ['schemas t0']);
    assert.deepEqual(await listed({ category: 'schema' }, 10), []);
    assert.deepEqual(
      await listed({ category: 'validation', status: 'done' }, 10),
      expected((at) => at % 2 === 0),
    );
    assert.deepEqual(
      await listed({ category: 'validation', status: 'running', importName: 'i1' }, 10),
      expected((at) => at % 2 === 1 && at % 3 === 1),
    );
    const [one] = (await view.list(inDefault, { ...page, limit: 1 }, patient)).tasks;
    assert.deepEqual(one, (await view.read(one as TaskRef, patient))?.task);
    await assert.rejects(view.list(inDefault, { ...page, after: '[64,"",""]' }, patient), (error) =>
      hasReason(error, 'PAGE_TOKEN_INVALID'),
    );
  });

  it('lead on where much is passed by, and have nothing that was forgotten', async () => {
    await using server = await startRedis({ own: true });
    await using opened = await openView(server);
    const { view } = opened;
    const ref = refTo('wanted');
    await filled(view, recordOf(ref));
    const { index, entryPrefix } = taskKeys(ref).partition;
    const others =
      'for at = 1, 1200 do local name = \'"default","other","\' .. at .. \'"\' redis.call(\'ZADD\', KEYS[1], ARGV[1], name) ' +
      "redis.call('SET', KEYS[2] .. name, redis.call('GET', KEYS[3])) end";
    await redisCommands(server.url, [
      'EVAL',
      others,
      '3',
      index,
      entryPrefix,
      taskKeys(ref).entry,
      `${Date.now() + 60_000}`,
    ]);
    const query = { ...inDefault, category: 'validation' };
    const { tasks, next } = await view.list(query, page, patient);
    assert.deepEqual([tasks.map(({ id }) => id), next], [['wanted'], undefined]);
    await view.tail.advance(view.tail.partitionOf(ref), { from: 'c0', to: 'c1', forget: true }, patient);
    assert.deepEqual(await view.list(inDefault, page, patient), { tasks: [], next: undefined });
  });
});

/** Every call, each of its own. */
function* callsOf(view: TaskView, ref: TaskRef, signal: AbortSignal): Generator<Promise<unknown>> {
  yield view.read(ref, signal);
  yield view.readWhole(ref, signal);
  yield view.lease(ref, 100, signal);
  yield view.fill(ref, 'lease', recordOf(ref), hourMs, signal);
  yield view.tell(ref, recordOf(ref), hourMs, signal);
  yield view.append(ref, blindPut(ref, 'm'), signal);
  yield view.drop(ref, 'm', signal);
  yield view.dirty(1, signal);
  yield view.list(inDefault, page, signal);
  yield view.tail.claim(partitionCount - 1, 'holder', 100, signal);
  yield view.tail.advance(0, { from: undefined, to: 'c' }, signal);
  yield view.ping(signal);
}

/** The feed of the ledger on MongoDB: every commit after its start, one at a time, by checkpoints that any process takes up. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { eventually, type MongoOptions, mongoMissing } from '@connections/testing';
import { Timestamp } from 'mongodb';
import { oldestOf, timeOf } from '../src/driver/mongo/ledger-checkpoint.ts';
import { placeAt, type StreamPlace, streamToken } from '../src/driver/mongo/stream-place.ts';
import type { FeedStep } from '../src/port/task-ledger.ts';
import {
  openFeed,
  openLedger,
  openLedgerFor,
  openWatched,
  patching,
  patient,
  putting,
  refTo,
  removing,
  settling,
  stepsOf,
  taskTo,
} from './mongo-ledger-ports.ts';
import { mongoServer } from './mongo-ports.ts';

const told = (steps: readonly FeedStep[]) =>
  steps.flatMap(({ event }) => (event ? [`${event.ref.id} ${event.stamp?.revision ?? 'removed'}`] : []));

for (const [kind, options] of Object.entries<MongoOptions>({
  'a replica set': {},
  'a standalone server': { standalone: true },
})) {
  describe(`the feed of the ledger on ${kind}`, { skip: mongoMissing(options) ?? false }, () => {
    const server = mongoServer(options);
    const open = async (context: TestContext) => openLedgerFor(context, await server());

    it('tells what is committed after it was opened, and nothing twice to who goes on', async (context) => {
      const { ledger, commit, url } = await open(context);
      await using feed = await openFeed(ledger);
      await commit(refTo('a'), putting('r1'));
      await commit(refTo('b', 'other'), putting('r2'));
      await commit(refTo('a'), patching('r3', { message: '' }));
      await commit(refTo('b', 'other'), removing('r4'));
      const steps: FeedStep[] = [];
      await eventually(async () => {
        steps.push(...(await stepsOf(feed)));
        assert.ok(told(steps).includes('a 2') && told(steps).includes('b removed'));
      }, 10_000);
      assert.ok(steps.every(({ event }) => event?.foreign !== true));
      const last = steps.at(-1)?.checkpoint ?? '';
      await using other = await openLedger(url);
      await using later = await openFeed(other.ledger, last);
      await other.ledger.commit(refTo('c'), putting('r5'), 5_000, patient);
      const more: FeedStep[] = [];
      await eventually(async () => {
        more.push(...(await stepsOf(later)));
        assert.ok(told(more).includes('c 1'));
      }, 10_000);
      if (kind === 'a replica set') assert.deepEqual(told(more), ['c 1']);
      await using again = await openFeed(other.ledger, last, feed.start);
      const all: FeedStep[] = [];
      await eventually(async () => {
        all.push(...(await stepsOf(again)));
        assert.ok(['a 2', 'b removed', 'c 1'].every((step) => told(all).includes(step)));
      }, 10_000);
    });

    it('tells of a task that came home, behind whatever it tells of its reservation', async (context) => {
      const { ledger, url } = await open(context);
      await using watched = await openWatched(url);
      await using feed = await openFeed(ledger);
      const ref = refTo('home');
      const blind = settling({ removal: undefined }, taskTo(ref));
      watched.between.push(() => Promise.reject(new Error('died')));
      await assert.rejects(watched.ledger.settle(ref, blind, patient), /died/);
      for (let looks = 0; looks < 3; looks++) await stepsOf(feed);
      assert.equal(await ledger.settle(ref, blind, patient), true);
      const steps: FeedStep[] = [];
      await eventually(async () => {
        steps.push(...(await stepsOf(feed)));
        assert.equal(told(steps).at(-1), 'home 1');
      }, 10_000);
    });

    it('is LOST for what no feed gave, and for checkpoints of two kinds of servers', async (context) => {
      const { ledger } = await open(context);
      const stream = streamToken(placeAt(new Timestamp({ t: 1, i: 1 })));
      for (const from of [['nonsense'], ['poll:1:e30', stream]]) {
        assert.equal(await ledger.feed(from, patient), 'LOST');
      }
    });

    it('is LOST where the removals since are forgotten, however it begins', async (context) => {
      const { ledger, commit, link } = await open(context);
      await using feed = await openFeed(ledger);
      await commit(refTo('t'), putting('r1'));
      const { serverTime } = link;
      const laterMs = 24 * 3_600_000;
      Object.defineProperty(link, 'serverTime', {
        value: async (...call: Parameters<typeof serverTime>) =>
          (await serverTime.apply(link, call)) + laterMs,
      });
      Object.defineProperty(link.topology, 'serverTimeIn', { value: () => Date.now() + laterMs });
      assert.equal(await ledger.feed([feed.start], patient), 'LOST');
    });

    it('gives a checkpoint every second while nothing happens, and ends with whoever waits', async (context) => {
      const { ledger } = await open(context);
      await using feed = await openFeed(ledger);
      for (let count = 0; count < 3; count++) assert.equal((await feed.next(patient)).event, undefined);
      const gone = new AbortController();
      const reason = new Error('gone');
      setTimeout(() => gone.abort(reason), 5);
      const steps = async () => {
        for (;;) await feed.next(gone.signal);
      };
      await assert.rejects(steps(), reason);
      assert.equal((await feed.next(patient)).event, undefined, 'what was asked for is kept');
    });
  });
}

describe('the feed of the ledger', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();

  it('tells what another program writes as such', async (context) => {
    const { ledger, commit, db } = await openLedgerFor(context, await server());
    await commit(refTo('a'), putting('r1'));
    await using feed = await openFeed(ledger);
    await db.collection('tasks').updateOne({ task_id: 'a' }, { $set: { message: 'foreign' } });
    const steps: FeedStep[] = [];
    await eventually(async () => {
      steps.push(...(await stepsOf(feed)));
      assert.deepEqual(
        steps.flatMap(({ event }) => (event ? [event.foreign] : [])),
        [true],
      );
    }, 10_000);
  });

  it('ends when a collection goes, and is LOST from where it was', async (context) => {
    const { ledger, commit, db } = await openLedgerFor(context, await server());
    await commit(refTo('a'), putting('r1'));
    await using feed = await openFeed(ledger);
    await db.collection('tasks').drop();
    const ended = async () => {
      for (;;) await feed.next(patient);
    };
    await assert.rejects(ended(), { reason: 'STORE_UNREACHABLE' });
    assert.equal(await ledger.feed([feed.start], patient), 'LOST');
    await using anew = await openFeed(ledger);
    assert.notEqual(anew.start, feed.start);
  });
});

describe('the checkpoints of a stream', () => {
  const time = (t: number, i = 1) => new Timestamp({ t, i });
  const at = (place: string, last: Timestamp, seen = last): string => {
    const from: StreamPlace['from'] = { resumeAfter: { _data: place } };
    return streamToken({ from, last, seen });
  };

  it('are ordered by the last change before them', () => {
    const [one, other, third] = [at('x', time(5)), at('a', time(5, 2)), at('b', time(7))];
    for (const all of [
      [one, other, third],
      [third, other, one],
    ]) {
      assert.equal(oldestOf(all), one);
    }
  });

  it('go on with the last change itself where the same one is before two places', () => {
    assert.equal(
      oldestOf([at('x', time(5)), at('y', time(5)), at('z', time(6))]),
      streamToken(placeAt(time(5))),
    );
    const [read, unread] = [at('x', time(5), time(9)), at('x', time(5))];
    assert.equal(oldestOf([read, unread]), read);
  });

  it('tell how new a read has to be that shows what was told', () => {
    assert.deepEqual(timeOf(at('x', time(5), time(9))), time(9));
    assert.deepEqual(timeOf(streamToken(placeAt(time(5)))), time(5));
    assert.equal(timeOf('poll:1:e30'), undefined);
  });
});

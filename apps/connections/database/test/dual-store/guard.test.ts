/** Calls behind a guard: a store that does not answer costs little, and soon nothing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure, hasReason } from '@connections/runtime/errors';
import { eventually } from '@connections/testing';
import { boundsFor } from '../../src/dual-store/dual-bounds.ts';
import { Guard } from '../../src/dual-store/guard.ts';
import { GuardedLedger } from '../../src/dual-store/guarded-ledger.ts';
import type { Pace } from '../../src/dual-store/pace.ts';
import type { Feed, TaskLedger } from '../../src/port/task-ledger.ts';

const signal = new AbortController().signal;
const ref = { namespace: 'default', category: 'c', id: 'i' };

/** No time passes: what is not answered at once is answered too late. */
class StandingPace implements Pace {
  at = 0;
  now(): number {
    return this.at;
  }
  random(): number {
    return 1;
  }
  id(): string {
    return 'id';
  }
  async pause(): Promise<void> {}
  atMost<T>(_: number, work: Promise<T>): Promise<T | undefined> {
    const late = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
    return Promise.race([work, late]);
  }
}

const never = () => new Promise<never>(() => {});
const look = { withinMs: 100, changes: false };
const change = { withinMs: 100, changes: true };

describe('a guard', () => {
  it('gives up a call that takes too long, and says whether it may have been done', async () => {
    const guard = new Guard(new StandingPace());
    await assert.rejects(guard.call(never, look), (error) => hasReason(error, 'STORE_UNREACHABLE'));
    await assert.rejects(guard.call(never, change), (error) => hasReason(error, 'OUTCOME_UNKNOWN'));
  });

  it('refuses at once after five of them, and asks again later', async () => {
    const pace = new StandingPace();
    const guard = new Guard(pace);
    for (let call = 0; call < 5; call++) await assert.rejects(guard.call(never, look));
    let asked = 0;
    const work = async () => ++asked;
    await assert.rejects(guard.call(work, look), (error) => hasReason(error, 'STORE_UNREACHABLE'));
    assert.equal(asked, 0);
    assert.equal(guard.allows, false);
    pace.at += 1_000;
    assert.equal(await guard.call(work, look), 1);
    assert.equal(guard.allows, true);
  });

  it('does not lay to the store what its caller did', async () => {
    const guard = new Guard(new StandingPace());
    const refused = async () => {
      throw failure('TASK_NOT_FOUND', { category: 'c', id: 'i' });
    };
    for (let call = 0; call < 10; call++) await assert.rejects(guard.call(refused, look));
    assert.equal(guard.allows, true);
  });

  it('makes a commit that is not answered one of unknown outcome, and one that is refused one that is away', async () => {
    const guard = new Guard(new StandingPace());
    const frozen = { reachable: true, conflicts: {}, commit: never } as unknown as TaskLedger;
    const ledger = new GuardedLedger(frozen, guard, boundsFor(1_000));
    const removal = { kind: 'remove', requestId: 'r', principal: 'p' } as const;
    const outcomes: string[] = [];
    for (let call = 0; call < 6; call++) {
      outcomes.push((await ledger.commit(ref, removal, 900, signal)).outcome);
    }
    assert.deepEqual(outcomes, [...Array(5).fill('UNKNOWN'), 'AWAY']);
    assert.equal(ledger.reachable, false);
  });

  it('goes on asking a store that has no room, which still answers', async () => {
    const pace = new StandingPace();
    const guard = new Guard(pace);
    const full = async () => {
      throw failure('STORE_FULL', { limit: 'maxmemory' });
    };
    for (let call = 0; call < 30; call++)
      await assert.rejects(guard.call(full, change), { status: 'RESOURCE_EXHAUSTED' });
    assert.equal(guard.allows, true);
    for (let call = 0; call < 5; call++) await assert.rejects(guard.call(never, look));
    assert.equal(guard.allows, false);
    pace.at += 1_000;
    await assert.rejects(guard.call(full, change), { status: 'RESOURCE_EXHAUSTED' });
    assert.equal(guard.allows, true);
  });

  it('closes a feed that opens after it was given up', async () => {
    let closed = false;
    const feed = {
      start: '',
      next: never,
      [Symbol.asyncDispose]: async () => {
        closed = true;
      },
    };
    let open: (feed: Feed) => void = () => {};
    const opening = new Promise<Feed>((resolve) => {
      open = resolve;
    });
    const slow = { reachable: true, conflicts: {}, feed: () => opening } as unknown as TaskLedger;
    const ledger = new GuardedLedger(slow, new Guard(new StandingPace()), boundsFor(1_000));
    await assert.rejects(ledger.feed([], signal), (error) => hasReason(error, 'STORE_UNREACHABLE'));
    assert.equal(closed, false);
    open(feed);
    await eventually(() => assert.equal(closed, true));
  });

  it('counts an answer that the ledger is away', async () => {
    const guard = new Guard(new StandingPace());
    const commit = async () => ({ outcome: 'AWAY', error: new Error('away') });
    const ledger = new GuardedLedger(
      { reachable: true, conflicts: {}, commit } as unknown as TaskLedger,
      guard,
      boundsFor(1_000),
    );
    const removal = { kind: 'remove', requestId: 'r', principal: 'p' } as const;
    for (let call = 0; call < 5; call++) await ledger.commit(ref, removal, 900, signal);
    assert.equal(ledger.reachable, false);
  });
});

/** The budget of unsent bytes, on a clock that the tests move. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { SendBudget, type SendLane } from '../src/send-budget.ts';
import type { StatusError } from '../src/status-error.ts';
import { StillClock } from './still-clock.ts';

/** A stream as the tests handle it. */
class Lane implements SendLane {
  laneBytes = -1;
  laneSince = 0;
  admitted: () => void = () => {};
  readonly stalled: (reason: StatusError) => void;
  readonly #budget: SendBudget;

  constructor(budget: SendBudget, stalled: (reason: StatusError) => void = () => {}) {
    this.#budget = budget;
    this.stalled = stalled;
  }

  give(bytes: number, send: () => void): void {
    this.admitted = send;
    this.#budget.give(this, bytes);
  }

  taken(): void {
    this.#budget.release(this);
  }

  close(): void {
    this.#budget.release(this);
  }
}

describe('the send budget', () => {
  let clock: StillClock;
  let budget: SendBudget;
  let sent: string[];
  let ended: Map<string, StatusError>;

  beforeEach(() => {
    clock = new StillClock();
    budget = new SendBudget({ maxBytes: 100, stalledMs: 30_000, clock });
    sent = [];
    ended = new Map();
  });

  const open = (name: string): Lane => new Lane(budget, (reason) => ended.set(name, reason));
  const give = (name: string, bytes: number): Lane => {
    const lane = open(name);
    lane.give(bytes, () => sent.push(name));
    return lane;
  };

  it('lets messages through at once as long as they fit', () => {
    give('a', 60);
    give('b', 40);
    assert.deepEqual(sent, ['a', 'b']);
    assert.equal(budget.untakenBytes, 100);
  });

  it('holds back what does not fit until enough was taken', () => {
    const a = give('a', 60);
    give('b', 41);
    assert.deepEqual(sent, ['a']);
    a.taken();
    assert.deepEqual(sent, ['a', 'b']);
  });

  it('lets a message larger than itself through alone', () => {
    const a = give('a', 1_000);
    give('b', 1);
    assert.deepEqual(sent, ['a']);
    a.taken();
    assert.deepEqual(sent, ['a', 'b']);
  });

  it('lets nobody overtake a stream that waits', () => {
    const a = give('a', 60);
    give('large', 90);
    give('small', 1);
    assert.deepEqual(sent, ['a']);
    a.taken();
    assert.deepEqual(sent, ['a', 'large', 'small']);
  });

  it('lets any number through that are taken at once', () => {
    const a = give('a', 100);
    let taken = 0;
    for (let i = 0; i < 50_000; i++) {
      const lane = open(`${i}`);
      lane.give(10, () => {
        taken++;
        lane.taken();
      });
    }
    assert.equal(taken, 0);
    a.taken();
    assert.equal(taken, 50_000);
    assert.equal(budget.untakenBytes, 0);
  });

  it('forgets a stream that is closed while it waits', () => {
    const a = give('a', 100);
    give('b', 50).close();
    give('c', 50);
    a.taken();
    assert.deepEqual(sent, ['a', 'c']);
    assert.equal(budget.untakenBytes, 50);
  });

  it('gets back the bytes of a stream that is closed before its message was taken, once', () => {
    const a = give('a', 80);
    a.close();
    a.taken();
    assert.equal(budget.untakenBytes, 0);
  });

  it('ends a stream that has not moved for the limit while others wait, and only that one', () => {
    give('stalled', 90);
    clock.advance(10_000);
    const late = give('late', 10);
    give('waiting', 50);
    clock.advance(19_999);
    assert.equal(ended.size, 0);
    clock.advance(1);
    assert.deepEqual([...ended.keys()], ['stalled']);
    assert.equal(ended.get('stalled')?.status, 'RESOURCE_EXHAUSTED');
    assert.equal(ended.get('stalled')?.reason, 'SLOW_CONSUMER');
    assert.deepEqual(sent, ['stalled', 'late', 'waiting']);
    late.taken();
  });

  it('leaves stalled streams alone while nobody waits', () => {
    give('stalled', 90);
    clock.advance(3_600_000);
    assert.equal(ended.size, 0);
    give('waiting', 50);
    clock.advance(0);
    assert.deepEqual([...ended.keys()], ['stalled']);
  });

  it('leaves a stream alone that moves, however slowly', () => {
    const slow = open('slow');
    give('waiting for ever', 0).close();
    for (let i = 0; i < 10; i++) {
      slow.give(100, () => {});
      const waiting = give(`waiting ${i}`, 1);
      clock.advance(29_999);
      slow.taken();
      waiting.taken();
    }
    assert.equal(ended.size, 0);
  });

  it('never passes its limit and leaves nobody waiting, whatever happens in which order', () => {
    const step = fc.record({ lane: fc.nat({ max: 5 }), bytes: fc.nat({ max: 150 }), close: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const tested = new SendBudget({ maxBytes: 100, stalledMs: 30_000, clock });
        const given = new Map<Lane, number>();
        const untaken = new Map<Lane, number>();
        const lanes = Array.from({ length: 6 }, () => new Lane(tested));
        const settle = (lane: Lane, close: boolean) => {
          given.delete(lane);
          untaken.delete(lane);
          if (close) lane.close();
          else lane.taken();
        };
        for (const { lane: index, bytes, close } of steps) {
          const lane = lanes[index];
          if (!lane) continue;
          if (untaken.has(lane) || (close && given.has(lane))) settle(lane, close);
          else if (!given.has(lane)) {
            given.set(lane, bytes);
            lane.give(bytes, () => untaken.set(lane, bytes));
          }
          const total = [...untaken.values()].reduce((sum, each) => sum + each, 0);
          assert.equal(tested.untakenBytes, total);
          assert.ok(total <= 100 || [...untaken.values()].filter((each) => each > 0).length === 1);
        }
        while (untaken.size > 0) for (const lane of [...untaken.keys()]) settle(lane, false);
        assert.equal(given.size, 0);
      }),
    );
  });
});

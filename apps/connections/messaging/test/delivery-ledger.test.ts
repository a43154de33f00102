/** The ledger of one subscriber, by example and by any order of what can happen to it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DeliveryLedger, type LedgerRules } from '../src/domain/delivery-ledger.ts';

const rules: LedgerRules = {
  session: 'session',
  window: { messages: 4, bytes: 100 },
  maxWindow: { messages: 8, bytes: 200 },
  leaseMs: 1_000,
  maxLeaseMs: 5_000,
};

function ledgerWith(overrides: Partial<LedgerRules> = {}): DeliveryLedger {
  return new DeliveryLedger({ ...rules, ...overrides });
}

function send(
  ledger: DeliveryLedger,
  tag: number,
  { bytes = 1, suspect = false, now = 0 } = {},
): string | undefined {
  ledger.hold({ tag, bytes, suspect }, now);
  return ledger.send(now)?.id;
}

describe('delivery ledger', () => {
  it('holds a delivery that has no room for the time of a lease', () => {
    const ledger = ledgerWith({ window: { messages: 2, bytes: 10 } });
    send(ledger, 1, { bytes: 10, now: 0 });
    ledger.settle([]);
    ledger.enlarge({ messages: 0, bytes: 5 });
    const until = ledger.hold({ tag: 2, bytes: 10, suspect: false }, 500);
    assert.equal(until, 1_500);
    ledger.expire(1_000);
    assert.deepEqual(
      [ledger.nextExpiry(), ledger.holdIsOver(1_499), ledger.holdIsOver(1_500)],
      [1_500, false, true],
    );
    ledger.release();
    assert.equal(ledger.holdIsOver(1_500), false);
  });

  it('forgets what the broker has taken back, open or held', () => {
    const ledger = ledgerWith({ window: { messages: 2, bytes: 10 } });
    const id = send(ledger, 1, { bytes: 6 }) ?? '';
    const kept = send(ledger, 2, { bytes: 3 }) ?? '';
    ledger.hold({ tag: 3, bytes: 5, suspect: false }, 0);
    assert.deepEqual(
      ledger.lose(new Set([1, 3, 9])).map((delivery) => delivery.id),
      [id],
    );
    assert.equal(ledger.release(), undefined);
    assert.deepEqual(ledger.room, { messages: 1, bytes: 7 });
    assert.deepEqual(ledger.settle([id, kept]).stale, [id]);
  });

  it('settles an open delivery once and calls it stale from then on', () => {
    const ledger = ledgerWith();
    const id = send(ledger, 7) ?? '';
    assert.deepEqual(
      ledger.settle([id, id]).open.map(({ tag }) => tag),
      [7],
    );
    assert.deepEqual(ledger.settle([id]).stale, [id]);
  });

  it('knows no id of another session', () => {
    const ledger = ledgerWith();
    send(ledger, 1);
    const foreign = send(ledgerWith({ session: 'other' }), 1) ?? '';
    assert.deepEqual(ledger.settle([foreign]), { open: [], stale: [foreign] });
  });

  it('wants no more once the window is full of messages, and more when one is settled', () => {
    const ledger = ledgerWith({ window: { messages: 2, bytes: 100 } });
    const first = send(ledger, 1) ?? '';
    send(ledger, 2);
    assert.equal(ledger.wantsMore, false);
    ledger.settle([first]);
    assert.equal(ledger.wantsMore, true);
  });

  it('keeps a delivery back that the bytes of the window have no room for', () => {
    const ledger = ledgerWith();
    const first = send(ledger, 1, { bytes: 60 }) ?? '';
    assert.equal(send(ledger, 2, { bytes: 60 }), undefined);
    ledger.settle([first]);
    assert.ok(ledger.send(0));
  });

  it('sends a delivery that is larger than the window when nothing else is open', () => {
    const ledger = ledgerWith();
    assert.ok(send(ledger, 1, { bytes: 1_000 }));
    assert.deepEqual(ledger.room, { messages: 3, bytes: 0 });
    assert.equal(ledger.wantsMore, false);
  });

  it('has a suspect open alone', () => {
    const ledger = ledgerWith();
    const innocent = send(ledger, 1) ?? '';
    assert.equal(send(ledger, 2, { suspect: true }), undefined, 'nothing else may be open when it is sent');
    ledger.settle([innocent]);
    const suspect = ledger.send(0)?.id ?? '';
    assert.equal(ledger.wantsMore, false, 'nothing may be sent beside it');
    ledger.settle([suspect]);
    assert.equal(ledger.wantsMore, true);
  });

  it('expires a lease at its end, and not before', () => {
    const ledger = ledgerWith();
    send(ledger, 1, { now: 0 });
    assert.equal(ledger.nextExpiry(), 1_000);
    assert.deepEqual(ledger.expire(999), []);
    assert.deepEqual(
      ledger.expire(1_000).map(({ tag }) => tag),
      [1],
    );
  });

  it('extends a lease from now, up to the longest time in all', () => {
    const ledger = ledgerWith();
    const id = send(ledger, 1, { now: 0 }) ?? '';
    assert.deepEqual(ledger.extend([id, 'foreign'], 2_000, 900), ['foreign']);
    assert.equal(ledger.nextExpiry(), 2_900);
    ledger.extend([id], 4_500, 2_000);
    assert.equal(ledger.nextExpiry(), 5_000);
  });

  it('enlarges the window no further than it may grow', () => {
    const ledger = ledgerWith();
    ledger.enlarge({ messages: 2, bytes: 0 });
    assert.deepEqual(ledger.window, { messages: 6, bytes: 100 });
    ledger.enlarge({ messages: 200, bytes: 200 });
    assert.deepEqual(ledger.window, rules.maxWindow);
  });

  const step = fc.oneof(
    fc.record({
      do: fc.constant('deliver' as const),
      bytes: fc.integer({ min: 0, max: 150 }),
      suspect: fc.boolean(),
    }),
    fc.record({ do: fc.constant('settle' as const), nth: fc.nat(20), twice: fc.boolean() }),
    fc.record({
      do: fc.constant('extend' as const),
      nth: fc.nat(20),
      leaseMs: fc.integer({ min: 1, max: 6_000 }),
    }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.nat(3_000) }),
    fc.record({ do: fc.constant('enlarge' as const), messages: fc.nat(3), bytes: fc.nat(60) }),
    fc.record({ do: fc.constant('release' as const) }),
  );

  it('gives every tag back exactly once, at the right time, in any order of events', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const ledger = ledgerWith();
        const ids: string[] = [];
        const handed: { readonly suspect: boolean }[] = [];
        const given: number[] = [];
        const open = new Map<number, { readonly sentAt: number; end: number }>();
        const tagsSent: number[] = [];
        let now = 0;
        const give = (tags: readonly { readonly tag: number }[]) => {
          for (const { tag } of tags) {
            given.push(tag);
            open.delete(tag);
          }
        };
        for (const event of steps) {
          if (event.do === 'deliver' && ledger.wantsMore) {
            ledger.hold({ tag: handed.length, bytes: event.bytes, suspect: event.suspect }, now);
            handed.push(event);
          }
          if (event.do === 'settle') {
            const id = ids[event.nth] ?? 'foreign';
            give(ledger.settle(event.twice ? [id, id] : [id]).open);
          }
          if (event.do === 'extend') {
            const lease = open.get(tagsSent[event.nth] ?? -1);
            if (lease) lease.end = Math.min(now + event.leaseMs, lease.sentAt + rules.maxLeaseMs);
            ledger.extend([ids[event.nth] ?? 'foreign'], event.leaseMs, now);
          }
          if (event.do === 'enlarge') ledger.enlarge(event);
          if (event.do === 'release') {
            const tag = ledger.release();
            if (tag !== undefined) given.push(tag);
          }
          if (event.do === 'pass') {
            now += event.ms;
            const due = [...open].filter(([, lease]) => lease.end <= now).map(([tag]) => tag);
            const expired = ledger.expire(now);
            assert.deepEqual(
              expired.map(({ tag }) => tag),
              due,
              'exactly what has outlived its lease',
            );
            give(expired);
          }
          const sent = ledger.send(now);
          if (sent) {
            const tag = handed.length - 1;
            ids.push(sent.id);
            tagsSent.push(tag);
            open.set(tag, { sentAt: now, end: sent.leaseUntil });
          }
          const suspects = [...open.keys()].filter((tag) => handed[tag]?.suspect);
          assert.ok(suspects.length === 0 || open.size === 1, 'a suspect is open alone');
          assert.ok(open.size <= ledger.window.messages, 'no more open than the window');
          assert.ok(ledger.room.messages >= 0 && ledger.room.bytes >= 0, 'credit is never negative');
          assert.equal(ledger.openCount, open.size);
        }
        const held = ledger.release();
        if (held !== undefined) given.push(held);
        give(ledger.close());
        assert.deepEqual(
          given.toSorted((a, b) => a - b),
          handed.map((_, tag) => tag),
          'each tag once, none forgotten',
        );
        assert.equal(new Set(ids).size, ids.length, 'no id is used twice');
        assert.deepEqual(ledger.settle(ids).open, [], 'nothing is open after the end');
      }),
      { numRuns: 500 },
    );
  });
});

/** Subscribers that do not read hold no more than the process has room for, and not for ever. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient, isStatusError } from '@connections/grpc';
import { messagingService } from '@connections/proto-utils';
import { limits } from '@connections/runtime';
import { eventually, openTestChannel, TestClock } from '@connections/testing';
import { DeliveryBudget } from '../src/service/delivery-budget.ts';
import { DeliveryRoom } from '../src/service/delivery-room.ts';
import { figures, queue, withQueue } from './jobs-queue.ts';
import { Subscriber } from './subscriber.ts';

const never = new AbortController().signal;
const turn = () => new Promise(setImmediate);

function openBudget(maxBytes: number) {
  const clock = new TestClock();
  return { clock, budget: new DeliveryBudget({ maxBytes, stalledMs: 30_000, clock }) };
}

describe('the budget of deliveries', () => {
  it('is refused beyond its bytes, and one delivery is always let through', () => {
    const { budget } = openBudget(100);
    const large = budget.claim(500, () => {});
    assert.equal(
      budget.claim(1, () => {}),
      undefined,
    );
    large?.release();
    large?.release();
    assert.ok(budget.claim(60, () => {}));
    assert.equal(
      budget.claim(41, () => {}),
      undefined,
    );
    assert.ok(budget.claim(40, () => {}));
  });

  it('tells of room in the order of asking, to one in a turn, and only while there is any', async () => {
    const { budget } = openBudget(100);
    const claim = budget.claim(100, () => {});
    const woken: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      void budget.room(50, never).then(() => {
        woken.push(name);
        budget.claim(50, () => {});
      });
    }
    await turn();
    assert.deepEqual(woken, []);
    claim?.release();
    await turn();
    await turn();
    await turn();
    assert.deepEqual(woken, ['a', 'b']);
  });

  it('lets small deliveries pass large ones that fill it', async () => {
    const clock = new TestClock();
    const room = new DeliveryRoom({ maxBytes: 1_000_000, stalledMs: 30_000, clock });
    const large = room.claim(1_000_000, () => {});
    assert.equal(
      room.claim(65_537, () => {}),
      undefined,
    );
    const small = room.claim(65_536, () => {});
    await room.room(65_536, never);
    assert.equal(room.bytes, 1_065_536);
    small?.release();
    large?.release();
    assert.equal(room.bytes, 0);
  });

  it('forgets who waits no longer', async () => {
    const { budget } = openBudget(100);
    const claim = budget.claim(100, () => {});
    const waiting = new AbortController();
    const room = budget.room(50, waiting.signal);
    waiting.abort(new Error('gone'));
    await assert.rejects(room, /gone/);
    claim?.release();
    assert.ok(budget.claim(100, () => {}));
  });

  it('relieves an old claim of its room when others wait, and no claim otherwise', async () => {
    const { budget, clock } = openBudget(100);
    const relieved: string[] = [];
    const claim = budget.claim(100, ({ status }) => {
      relieved.push(status);
      claim?.release();
    });
    await clock.advance(120_000);
    assert.deepEqual(relieved, []);
    await Promise.all([budget.room(50, never), clock.advance(1)]);
    assert.deepEqual(relieved, ['RESOURCE_EXHAUSTED']);
  });
});

describe('subscribers that do not read', () => {
  it('hold the budget of deliveries together, and give it up to one that reads', {
    timeout: 60_000,
  }, async () => {
    await using fixture = await withQueue();
    const body = new Uint8Array(1_048_576);
    const fit = limits.untakenDeliveryBytes / body.length;
    const count = fit + 16;
    for (let sent = 0; sent < count; sent += 2) {
      await fixture.v1.publish({ routingKey: queue, messages: [{ body }, { body }] });
    }
    const stalled = await Promise.all(
      Array.from({ length: count }, () => Subscriber.open(fixture.v1, queue, { messages: 4 })),
    );
    await eventually(async () => assert.equal((await figures(fixture)).unsettled, fit), 20_000);

    // On a connection of its own: the others have filled the flow-control window of theirs.
    const channel = openTestChannel(fixture.address);
    await using reader = await Subscriber.open(createClient(messagingService, channel), queue, {
      messages: 4,
    });
    await fixture.clock.advance(30_000);
    const { id, attempt } = await reader.delivery();
    assert.equal(attempt, 1);
    reader.ack(id);
    await reader.settled([id], 'OK');

    const ends = await Promise.all(stalled.map((subscriber) => failureOf(subscriber)));
    assert.ok(ends.includes('RESOURCE_EXHAUSTED'), ends.join());
    channel.close();
  });
});

/** The status that a stream ends with, or undefined when it can be read. */
async function failureOf(subscriber: Subscriber): Promise<string | undefined> {
  try {
    await subscriber.delivery();
    return undefined;
  } catch (error) {
    return isStatusError(error) ? error.status : String(error);
  } finally {
    await subscriber[Symbol.asyncDispose]();
  }
}

/** Deliveries as observers see them: each once when it is taken and once when it is over. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Delivery, Subscription } from '../src/port/broker.ts';
import { observedDeliveries } from '../src/service/observed-deliveries.ts';

const { signal } = new AbortController();

/** Gives deliveries with the tags 1, 2, ... and settles those that it is asked to but the tags named. */
function source(unknown: readonly number[] = []) {
  let tag = 0;
  const subscription: Subscription = {
    next: async () => ({ tag: ++tag, attempt: tag }) as Delivery,
    settle: async (settled) => !unknown.includes(settled),
    raisePrefetch: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return { topology: () => Promise.reject(), subscribe: async () => subscription };
}

async function observed(unknown?: readonly number[]) {
  const seen: unknown[] = [];
  const deliveries = observedDeliveries(source(unknown), (queue, { tag }) => {
    seen.push([queue, tag]);
    return (outcome) => seen.push([tag, outcome]);
  });
  const subscription = await deliveries.subscribe('default', { queue: 'jobs', prefetch: 8 }, signal);
  return { seen, subscription };
}

describe('observed deliveries', () => {
  it('end with what they were settled as', async () => {
    const { seen, subscription } = await observed();
    for (let count = 0; count < 4; count++) await subscription.next(signal);
    assert.deepEqual(
      seen.splice(0),
      [1, 2, 3, 4].map((tag) => ['jobs', tag]),
    );
    await subscription.settle(2, { verdict: 'ack' });
    await subscription.settle(1, { verdict: 'requeue', counts: true });
    await subscription.settle(4, { verdict: 'requeue', counts: false });
    await subscription.settle(3, { verdict: 'dead-letter', reason: 'rejected' });
    assert.deepEqual(seen, [
      [2, 'acknowledged'],
      [1, 'requeued'],
      [4, 'returned'],
      [3, 'dead-lettered'],
    ]);
  });

  it('end once, with the subscription where nothing else has ended them', async () => {
    const { seen, subscription } = await observed([2]);
    for (let count = 0; count < 3; count++) await subscription.next(signal);
    seen.length = 0;
    await subscription.settle(1, { verdict: 'ack' });
    await subscription.settle(1, { verdict: 'ack' });
    assert.equal(await subscription.settle(2, { verdict: 'ack' }), false);
    assert.equal(await subscription.settle(9, { verdict: 'ack' }), true);
    await subscription[Symbol.asyncDispose]();
    await subscription[Symbol.asyncDispose]();
    assert.deepEqual(seen, [
      [1, 'acknowledged'],
      [2, 'returned'],
      [3, 'returned'],
    ]);
  });
});

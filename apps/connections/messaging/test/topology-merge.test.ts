/** Declarations on top of what is declared. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyTopology, mergeTopology } from '../src/domain/topology-merge.ts';
import type { Queue, Topology } from '../src/port/broker.ts';

function queues(...declared: Queue[]): Topology {
  return { ...emptyTopology, queues: declared };
}

describe('a declaration', () => {
  const orders: Queue = { name: 'orders', deliveryLimit: 3, deadLetterQueue: 'orders.dead' };
  const dead: Queue = { name: 'orders.dead', deliveryLimit: 0, deadLetterQueue: undefined };

  it('adds the dead-letter queue, without a limit and without one of its own', () => {
    assert.deepEqual(mergeTopology(emptyTopology, queues(orders)), queues(orders, dead));
  });

  it('that adds nothing gives back what was there', () => {
    const current = mergeTopology(emptyTopology, queues(orders));
    assert.equal(mergeTopology(current, queues(orders)), current);
    assert.equal(mergeTopology(current, queues(dead, orders)), current);
  });

  it('leaves what was there untouched', () => {
    const current = mergeTopology(emptyTopology, queues(orders));
    const before = structuredClone(current);
    mergeTopology(current, queues({ name: 'more', deliveryLimit: 1, deadLetterQueue: undefined }));
    assert.deepEqual(current, before);
  });

  it('takes two names for two bindings however they are put together', () => {
    const current: Topology = {
      exchanges: [{ name: 'e', type: 'topic' }],
      queues: [dead, { ...dead, name: 'a' }, { ...dead, name: 'a.b' }],
      bindings: [{ exchange: 'e', queue: 'a', routingKey: 'b.c' }],
    };
    const other = { ...emptyTopology, bindings: [{ exchange: 'e', queue: 'a.b', routingKey: 'c' }] };
    assert.equal(mergeTopology(current, other).bindings.length, 2);
  });

  it('of a queue that is its own dead-letter queue is refused', () => {
    const loop = queues({ ...orders, deadLetterQueue: 'orders' });
    assert.throws(() => mergeTopology(emptyTopology, loop), { reason: 'TOPOLOGY_CONFLICT' });
  });

  it('of a dead-letter queue that is there as a queue with a limit is refused', () => {
    const current = queues({ name: 'orders.dead', deliveryLimit: 3, deadLetterQueue: undefined });
    assert.throws(() => mergeTopology(current, queues(orders)), { reason: 'TOPOLOGY_CONFLICT' });
  });
});

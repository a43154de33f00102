/** What the metrics tell of queues and messages: bounded, whatever callers declare. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SubscribeRequest_Nack_Why as Nack_Why } from '@connections/proto-utils/v1/messaging';
import { parsePrometheusText } from '@connections/testing';
import { deepest } from '../src/service/queue-depth.ts';
import { openMessaging } from './messaging-fixture.ts';
import { Subscriber } from './subscriber.ts';

const row = (queue: string, ready: number) => ({ queue, ready, unsettled: 1, consumers: 2 });

async function scrape(httpAddress: string) {
  const families = parsePrometheusText(await (await fetch(`${httpAddress}/metrics`)).text());
  return (name: string) => families.find((family) => family.name === name)?.samples ?? [];
}

describe('the deepest queues', () => {
  it('have rows of their own, the others one with their sum', () => {
    const rows = Array.from({ length: 150 }, (_, index) => row(`q${index}`, index));
    const shown = deepest(rows);
    assert.equal(shown.length, 101);
    assert.deepEqual(shown[0], row('q149', 149));
    const ready = (50 * 49) / 2;
    assert.deepEqual(shown[100], { queue: 'other', ready, unsettled: 50, consumers: 100 });
  });

  it('are all there are where there are few', () => {
    assert.deepEqual(deepest([row('a', 0), row('b', 9)]), [row('b', 9), row('a', 0)]);
    assert.deepEqual(deepest([]), []);
  });

  it('never hold one that is called as the rest', () => {
    const shown = deepest([row('other', 1_000), row('a', 1)]);
    assert.deepEqual(shown, [row('a', 1), row('other', 1_000)]);
    const names = deepest(
      Array.from({ length: 200 }, (_, index) => row(index ? `q${index}` : 'other', index)),
    );
    assert.equal(names.filter(({ queue }) => queue === 'other').length, 1);
  });
});

describe('the metrics of a Messaging service', () => {
  it('stay bounded with 1 000 queues, and miss no message', async () => {
    await using fixture = await openMessaging();
    const names = Array.from({ length: 1_000 }, (_, index) => `queue ${index} "\\ä`);
    for (let at = 0; at < names.length; at += 250) {
      const queues = names.slice(at, at + 250).map((name) => ({ name, deadLetterQueue: 'dead' }));
      await fixture.v1.declareTopology({ topology: { queues } });
    }
    const message = { body: new Uint8Array(1) };
    for (const routingKey of names.slice(0, 120))
      await fixture.v1.publish({ routingKey, messages: [message] });
    const samplesOf = await scrape(fixture.httpAddress);
    const messages = samplesOf('connections_queue_messages');
    assert.equal(messages.length, 202);
    assert.equal(samplesOf('connections_queue_consumers').length, 101);
    const ready = messages.filter(({ labels }) => labels.get('state') === 'ready');
    assert.equal(
      ready.reduce((total, { value }) => total + value, 0),
      120,
    );
    assert.ok(ready.some(({ labels }) => names.includes(labels.get('queue') ?? '')));
  });

  it('count what became of messages that were published, delivered and settled', async () => {
    await using fixture = await openMessaging();
    await fixture.v1.declareTopology({ topology: { queues: [{ name: 'jobs', deliveryLimit: 5 }] } });
    const messages = Array.from({ length: 4 }, () => ({ body: new Uint8Array(10) }));
    await fixture.v1.publish({ routingKey: 'jobs', messages });
    await fixture.v1.publish({ routingKey: 'nowhere', messages: messages.slice(0, 1) });
    const subscriber = await Subscriber.open(fixture.v1, 'jobs', { messages: 1 });
    const settle = async (settlement: (ids: string[]) => void) => {
      const { id } = await subscriber.delivery();
      settlement([id]);
      await subscriber.settled([id], 'OK');
    };
    await settle((ids) => subscriber.send({ $case: 'nack', value: { ids, why: Nack_Why.WHY_FAILED } }));
    await settle((ids) => subscriber.ack(...ids));
    await settle((ids) => subscriber.send({ $case: 'reject', value: { ids, reason: 'odd' } }));
    await settle((ids) => subscriber.ack(...ids));
    // Left unsettled until the service stops, it goes back.
    await subscriber.delivery();
    const stopped = fixture.stop();
    await subscriber.next('draining');
    await fixture.clock.advance(10_000);
    await stopped;
    const text = await fixture.metrics.text();
    const totals = new Map(
      parsePrometheusText(text)
        .filter(({ name }) => /published|deliveries_total|settlements/.test(name))
        .flatMap(({ samples }) => samples.map(({ labels, value }) => [[...labels.values()].join(), value])),
    );
    assert.deepEqual(
      [totals.get('CONFIRMED'), totals.get('UNROUTABLE'), totals.get('REJECTED'), totals.get('UNKNOWN')],
      [4, 1, 0, 0],
    );
    assert.deepEqual(
      ['acknowledged', 'requeued', 'dead-lettered', 'returned'].map((outcome) => totals.get(outcome)),
      [2, 1, 1, 1],
    );
    assert.deepEqual([totals.get('false'), totals.get('true')], [4, 1]);
  });
});

/** What becomes on every broker of a delivery that is not settled, of one that failed before, and of all when the service stops. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type SubscribeResponse_Delivery as Delivery,
  SubscribeResponse_Lost_Why as LostWhy,
  SubscribeRequest_Nack_Why as Why,
} from '@connections/proto-utils/v1/messaging';
import { eventually } from '@connections/testing';
import { figures, publish, queue } from './jobs-queue.ts';
import type { MessagingFixture } from './messaging-fixture.ts';
import { Subscriber } from './subscriber.ts';

export interface SubscribeCases {
  /** A service with the queue of the jobs, which allows five deliveries. */
  readonly open: () => Promise<MessagingFixture>;
  /** The driver has messages from the queue before it is asked for them, once it was asked for a second one. */
  readonly takesAhead: boolean;
}

export function subscribeCases({ open, takesAhead }: SubscribeCases): void {
  /** Of two messages the first is delivered; nobody gets the second, which may be `ahead` in the service. */
  async function isDeliveredAlone(
    fixture: MessagingFixture,
    subscriber: Subscriber,
    { name, ahead }: { readonly name: string; readonly ahead: boolean },
  ) {
    const waits = ahead ? { ready: 0, unsettled: 2 } : { ready: 1, unsettled: 1 };
    await eventually(async () => {
      const { ready, unsettled } = await figures(fixture, name);
      assert.deepEqual({ ready, unsettled }, waits);
    });
    await subscriber.isQuiet();
    await subscriber.isQuiet();
    const { ready, unsettled } = await figures(fixture, name);
    assert.deepEqual({ ready, unsettled }, waits, 'nothing is taken beside a suspect');
  }

  describe('subscribe, redelivery', () => {
    it('takes a delivery back at the end of its lease, says so, and delivers it again as failed', async () => {
      await using fixture = await open();
      await publish(fixture, 'a');
      await using subscriber = await Subscriber.open(fixture.v1, queue, { leaseSeconds: 10 });
      const { id } = await subscriber.delivery();
      await fixture.clock.advance(9_999);
      await subscriber.isQuiet();
      await fixture.clock.advance(1);
      assert.deepEqual(await subscriber.next('lost'), { ids: [id], why: LostWhy.WHY_LEASE_EXPIRED });
      assert.equal((await subscriber.delivery()).attempt, 2);
      subscriber.ack(id);
      await subscriber.settled([id], 'STALE');
    });

    it('takes each delivery back at the end of its own lease', async () => {
      await using fixture = await open();
      await publish(fixture, 'a');
      await using subscriber = await Subscriber.open(fixture.v1, queue, { messages: 2, leaseSeconds: 10 });
      const first = await subscriber.delivery();
      await fixture.clock.advance(5_000);
      await publish(fixture, 'b');
      const second = await subscriber.delivery();
      await fixture.clock.advance(5_000);
      assert.deepEqual((await subscriber.next('lost')).ids, [first.id]);
      await fixture.clock.advance(5_000);
      assert.deepEqual((await subscriber.next('lost')).ids, [second.id]);
    });

    it('keeps a delivery whose lease is extended, to 20 minutes in all', async () => {
      await using fixture = await open();
      await publish(fixture, 'a');
      await using subscriber = await Subscriber.open(fixture.v1, queue, { leaseSeconds: 600 });
      const { id } = await subscriber.delivery();
      for (const minute of [9, 18]) {
        await fixture.clock.advance(9 * 60_000);
        subscriber.send({ $case: 'extend', value: { ids: [id, `gone ${minute}`], lease: undefined } });
        await subscriber.settled([`gone ${minute}`], 'STALE');
      }
      await fixture.clock.advance(2 * 60_000 - 1);
      await subscriber.isQuiet();
      await fixture.clock.advance(1);
      assert.deepEqual((await subscriber.next('lost')).ids, [id]);
    });

    it('delivers again, as failed, what a subscriber held when it died', async () => {
      await using fixture = await open();
      await publish(fixture, 'a');
      await using dying = await Subscriber.open(fixture.v1, queue);
      await dying.delivery();
      dying.cancel();
      await using heir = await Subscriber.open(fixture.v1, queue);
      const { message, attempt } = await heir.delivery();
      assert.deepEqual([message?.id, attempt], ['a', 2]);
    });

    it('delivers alone what has failed twice', async () => {
      await using fixture = await open();
      await publish(fixture, 'poison');
      await using subscriber = await Subscriber.open(fixture.v1, queue);
      for (const attempt of [1, 2]) {
        const delivery = await subscriber.delivery();
        assert.equal(delivery.attempt, attempt);
        subscriber.send({ $case: 'nack', value: { ids: [delivery.id], why: Why.WHY_FAILED } });
        await subscriber.settled([delivery.id], 'OK');
      }
      const suspect = await subscriber.delivery();
      await publish(fixture, 'innocent');
      await isDeliveredAlone(fixture, subscriber, { name: queue, ahead: takesAhead });
      subscriber.ack(suspect.id);
      await subscriber.settled([suspect.id], 'OK');
      assert.equal((await subscriber.delivery()).message?.id, 'innocent');
    });

    it('delivers alone what the next failure would dead-letter', async () => {
      await using fixture = await open();
      await fixture.v1.declareTopology({ topology: { queues: [{ name: 'brittle', deliveryLimit: 2 }] } });
      const messages = ['a', 'b'].map((id) => ({ id }));
      await fixture.v1.publish({ routingKey: 'brittle', messages });
      await using dying = await Subscriber.open(fixture.v1, 'brittle');
      await dying.delivery();
      await dying.delivery();
      dying.cancel();
      await eventually(async () => assert.equal((await figures(fixture, 'brittle')).ready, 2));
      await using heir = await Subscriber.open(fixture.v1, 'brittle');
      assert.equal((await heir.delivery()).attempt, 2);
      await isDeliveredAlone(fixture, heir, { name: 'brittle', ahead: false });
    });

    it('gives another subscriber what it has had no room to send for the time of a lease', async () => {
      await using fixture = await open();
      await publish(fixture, 'a', 'b');
      await using busy = await Subscriber.open(fixture.v1, queue, { bytes: 12, leaseSeconds: 10 });
      const { id } = await busy.delivery();
      await eventually(async () => assert.equal((await figures(fixture)).unsettled, 2));
      await using idle = await Subscriber.open(fixture.v1, queue);
      let handed: Delivery | undefined;
      const delivered = idle.delivery().then((delivery) => {
        handed = delivery;
      });
      await eventually(async () => {
        busy.send({ $case: 'extend', value: { ids: [id], lease: undefined } });
        await busy.isQuiet();
        await fixture.clock.advance(1_000);
        assert.ok(handed);
      });
      await delivered;
      assert.deepEqual([handed?.message?.id, handed?.attempt], ['b', 1]);
    });

    it('dead-letters a message when it has failed as often as its queue allows', async () => {
      await using fixture = await open();
      await publish(fixture, 'poison');
      await using subscriber = await Subscriber.open(fixture.v1, queue);
      for (let attempt = 1; attempt <= 5; attempt++) {
        const { id } = await subscriber.delivery();
        subscriber.send({ $case: 'nack', value: { ids: [id], why: Why.WHY_FAILED } });
        await subscriber.settled([id], 'OK');
      }
      await eventually(async () => assert.equal((await figures(fixture, `${queue}.dead`)).ready, 1));
      assert.equal((await figures(fixture)).ready, 0);
    });
  });

  describe('subscribe, while the service stops', () => {
    it('announces a stop, takes answers, and ends when nothing is open', async () => {
      await using fixture = await open();
      await publish(fixture, 'a');
      await using subscriber = await Subscriber.open(fixture.v1, queue, { messages: 1 });
      const { id } = await subscriber.delivery();
      const stopped = fixture.stop();
      assert.deepEqual((await subscriber.next('draining')).grace, { seconds: 10n, nanos: 0 });
      subscriber.ack(id);
      await subscriber.settled([id], 'OK');
      await subscriber.ended();
      await stopped;
    });

    it('ends a stream at the end of the grace, and gives back uncounted what is open on it', async () => {
      await using fixture = await open();
      await publish(fixture, 'a');
      await using subscriber = await Subscriber.open(fixture.v1, queue, { messages: 1 });
      await subscriber.delivery();
      const stopped = fixture.stop();
      await subscriber.next('draining');
      await fixture.clock.advance(10_000);
      await subscriber.ended();
      await stopped;
      await fixture.start();
      await using heir = await Subscriber.open(fixture.v1, queue);
      assert.equal((await heir.delivery()).attempt, 1);
    });
  });
}

/** What is on its way to the broker is bounded by its bytes, whichever broker it is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc';
import { createMetrics, limits } from '@connections/runtime';
import { TestClock } from '@connections/testing';
import type { Broker } from '../src/port/broker.ts';
import { PublishRoom } from '../src/service/publish-room.ts';
import { PublishService } from '../src/service/publish-service.ts';
import { openTestBroker } from './embedded-broker-port.ts';

const never = new AbortController().signal;

function tooMuch(error: unknown): boolean {
  assert.ok(isStatusError(error), String(error));
  assert.deepEqual([error.status, error.reason], ['RESOURCE_EXHAUSTED', 'TOO_MUCH_UNCONFIRMED']);
  assert.ok(error.details.some(({ kind }) => kind === 'RetryInfo'));
  return true;
}

/** A broker that begins to publish when it is released. */
function withheld(broker: Broker): { readonly broker: Broker; release(): void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const publish: Broker['publish'] = async (...args) => {
    await released;
    return broker.publish(...args);
  };
  return { broker: { publish } as Broker, release };
}

describe('room to publish', () => {
  it('is refused beyond its bytes, and one call is always let through', () => {
    const room = new PublishRoom(100);
    {
      using _large = room.take(500);
      assert.throws(() => room.take(1), tooMuch);
    }
    using _first = room.take(60);
    assert.throws(() => room.take(41), tooMuch);
    using _second = room.take(40);
  });

  it('is kept by a call as long as its broker works on it, also when nobody waits for that', async () => {
    await using opened = await openTestBroker();
    const { broker, release } = withheld(opened.port);
    const maxBodyBytes = limits.valueBytes;
    const clock = new TestClock();
    const service = new PublishService({ broker, clock, metrics: createMetrics(), maxBodyBytes });
    const message = {
      id: '',
      body: new Uint8Array(maxBodyBytes),
      contentType: '',
      headers: new Map(),
      subject: '',
    };
    const target = {
      namespace: '',
      exchange: '',
      routingKey: 'nowhere',
      requestId: undefined,
      trace: new Map(),
    };
    const publish = (signal = never) => service.publish({ ...target, messages: [message] }, signal);

    const fits = Math.floor(limits.publishingBytes / maxBodyBytes);
    const calls = Array.from({ length: fits }, () => {
      const caller = new AbortController();
      return { caller, published: publish(caller.signal) };
    });
    await assert.rejects(publish(), tooMuch);
    for (const { caller, published } of calls) {
      caller.abort(new Error('nobody waits'));
      await assert.rejects(published, /nobody waits/);
    }
    await assert.rejects(publish(), tooMuch);

    release();
    // What the broker answers to those is of no use to anybody: the next turn has their room.
    await new Promise(setImmediate);
    const [result] = await publish();
    assert.equal(result?.outcome.outcome, 'UNROUTABLE');
  });
});

/** Confirmed publishing to a broker that freezes, blocks, is killed and comes back. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually, type RabbitServer, rabbitMissing, startRabbit } from '@connections/testing';
import { ConfirmedPublisher, type ConfirmedPublisherOptions, NotSentError } from '../src/index.ts';
import { addressOf, declareQueue, message, takeAll } from './broker-view.ts';

const patience = { timeoutMs: 20_000 };
const impatience = { timeoutMs: 300 };
const comebackMs = 60_000;
const skip = rabbitMissing({ own: true });

describe('confirmed publisher, when the broker', { skip }, () => {
  let server: RabbitServer;
  before(async () => {
    server = await startRabbit({ own: true });
  });
  after(() => server[Symbol.asyncDispose]());

  const connected = async (options: Partial<ConfirmedPublisherOptions> = {}) => {
    const publisher = new ConfirmedPublisher({
      name: 'test',
      locate: async () => addressOf(server.url),
      ...options,
    });
    await publisher.publish({ exchange: '', routingKey: 'nowhere' }, [message('first')], patience);
    return publisher;
  };

  it('freezes, answers that the outcome is unknown, then that too much waits, and goes on with a thawed one', async () => {
    const { queue, target } = await declareQueue(server.url, 'frozen');
    await using publisher = await connected({ maxMessages: 3 });
    await publisher.publish(target, [message('before')], patience);
    server.freeze();
    try {
      const outcomes = await publisher.publish(target, [message('a'), message('b')], impatience);
      assert.deepEqual(
        outcomes.map(({ outcome }) => outcome),
        ['UNKNOWN', 'UNKNOWN'],
      );
      // What was given up still takes its room: the broker may have it.
      assert.equal(publisher.inFlight.messages, 2);
      await assert.rejects(
        publisher.publish(target, [message('c'), message('d')], impatience),
        notSent('full'),
      );
    } finally {
      server.thaw();
    }
    await eventually(() => assert.deepEqual(publisher.inFlight, { messages: 0, bytes: 0 }), comebackMs);
    assert.deepEqual(await publisher.publish(target, [message('e')], patience), [{ outcome: 'CONFIRMED' }]);
    assert.deepEqual(
      (await takeAll(server.url, queue)).map(({ properties }) => properties.messageId),
      ['before', 'a', 'b', 'e'],
    );
  });

  it('stays frozen, is given up, and connected to again when it is back', async () => {
    const { target } = await declareQueue(server.url, 'given-up');
    await using publisher = await connected({ maxMessages: 1 });
    await publisher.publish(target, [message('before')], patience);
    server.freeze();
    try {
      await publisher.publish(target, [message('a')], impatience);
      await assert.rejects(publisher.publish(target, [message('b')], impatience), notSent('full'));
      // Two heartbeats later nothing is in flight any more, and there is no connection.
      await eventually(
        () => assert.rejects(publisher.publish(target, [message('b')], impatience), notSent('unreachable')),
        comebackMs,
      );
      assert.deepEqual(publisher.inFlight, { messages: 0, bytes: 0 });
    } finally {
      server.thaw();
    }
    await eventually(async () => {
      const [outcome] = await publisher.publish(target, [message('c')], patience);
      assert.equal(outcome?.outcome, 'CONFIRMED');
    }, comebackMs);
  });

  it('is frozen when the publisher is closed, does not hold that up', async () => {
    const { target } = await declareQueue(server.url, 'closed-frozen');
    const publisher = await connected();
    await publisher.publish(target, [message('before')], patience);
    server.freeze();
    try {
      const publishing = publisher.publish(target, [message('a')], { timeoutMs: comebackMs });
      await publisher[Symbol.asyncDispose]();
      const [outcome] = await publishing;
      assert.equal(outcome?.outcome, 'UNKNOWN');
    } finally {
      server.thaw();
    }
  });

  it('takes no messages for want of memory, is not tried again until it does', async () => {
    const { target } = await declareQueue(server.url, 'blocked');
    await using publisher = await connected();
    await publisher.publish(target, [message('before')], patience);
    await server.control('set_vm_memory_high_watermark', '0');
    try {
      await eventually(
        () => assert.rejects(publisher.publish(target, [message('a')], impatience), notSent('blocked')),
        comebackMs,
      );
    } finally {
      await server.control('set_vm_memory_high_watermark', '0.6');
    }
    await eventually(async () => {
      const [outcome] = await publisher.publish(target, [message('b')], patience);
      assert.equal(outcome?.outcome, 'CONFIRMED');
    }, comebackMs);
  });

  it('loses the connection in a burst, gives an outcome for every message and forgets none', async (context) => {
    const { queue, target } = await declareQueue(server.url, 'killed');
    await using publisher = await connected();
    const batchSize = 100;
    const batches = 100;
    const kills = [20, 60];
    let confirmedBatches = 0;
    let unknown = 0;
    let refused = 0;
    const publishUntilConfirmed = async (batch: number) => {
      let left = Array.from({ length: batchSize }, (_, place) => message(`${batch * batchSize + place}`));
      await eventually(async () => {
        const outcomes = await publisher.publish(target, left, patience).catch((error: unknown) => {
          assert.ok(error instanceof NotSentError, String(error));
          refused += 1;
          throw error;
        });
        assert.equal(outcomes.length, left.length);
        left = left.filter((_, place) => outcomes[place]?.outcome !== 'CONFIRMED');
        unknown += left.length;
        assert.equal(left.length, 0);
      }, comebackMs);
      confirmedBatches += 1;
    };
    const killer = (async () => {
      for (const kill of kills) {
        await eventually(() => assert.ok(confirmedBatches >= kill), comebackMs);
        await server.kill();
        await server.restart();
      }
    })();
    let next = 0;
    const worker = async () => {
      while (next < batches) await publishUntilConfirmed(next++);
    };
    await Promise.all([killer, worker(), worker(), worker(), worker()]);

    const ids = (await takeAll(server.url, queue)).map(({ properties }) => String(properties.messageId));
    assert.equal(new Set(ids).size, batchSize * batches, 'a confirmed message is lost');
    assert.ok(ids.length - batchSize * batches <= unknown, 'more copies than outcomes that were unknown');
    assert.ok(unknown + refused > 0, 'the kills were felt');
    assert.deepEqual(publisher.inFlight, { messages: 0, bytes: 0 });
    const copies = ids.length - batchSize * batches;
    context.diagnostic(
      `${batchSize * batches} messages, ${kills.length} kills: 0 confirmed lost, ${copies} copies, ` +
        `${unknown} outcomes unknown, ${refused} batches refused`,
    );
  });
});

function notSent(why: NotSentError['why']) {
  return (error: unknown) => error instanceof NotSentError && error.why === why;
}

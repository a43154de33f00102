/** Confirmed publishing to a broker that works. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { rabbitMissing, startRabbit } from '@connections/testing';
import {
  ConfirmedPublisher,
  type ConfirmedPublisherOptions,
  encodeHeaders,
  NotSentError,
  ownHeaders,
} from '../src/index.ts';
import { addressOf, declareQueue, message, takeAll, withChannel } from './broker-view.ts';

const patience = { timeoutMs: 20_000 };
const skip = rabbitMissing();

function publisherTo(url: string, options: Partial<ConfirmedPublisherOptions> = {}) {
  return new ConfirmedPublisher({ name: 'test', locate: async () => addressOf(url), ...options });
}

function notSent(why: NotSentError['why']) {
  return (error: unknown) => error instanceof NotSentError && error.why === why;
}

/** As one that asks a service that does not answer. */
async function endless(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}

describe('confirmed publisher', { skip }, () => {
  it('confirms messages that a queue has, as they were given', async () => {
    await using server = await startRabbit();
    const { queue, target } = await declareQueue(server.url, 'confirmed');
    await using publisher = publisherTo(server.url);
    const headers = encodeHeaders(
      new Map([
        ['traceparent', '00-ab'],
        ['CC', 'text that would close the channel'],
      ]),
      'schemas/a',
    );
    const outcomes = await publisher.publish(target, [message('a', { headers }), message('b')], patience);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['CONFIRMED', 'CONFIRMED'],
    );
    const [first, second] = await takeAll(server.url, queue);
    assert.equal(first?.content.toString(), 'body of a');
    assert.deepEqual(
      { ...first?.properties.headers },
      {
        traceparent: '00-ab',
        'x-cs-headers': '[["CC","text that would close the channel"]]',
        'x-cs-subject': 'schemas/a',
      },
    );
    const { messageId, timestamp, contentType, deliveryMode } = first?.properties ?? {};
    assert.deepEqual(
      [messageId, timestamp, contentType, deliveryMode],
      ['a', 1_700_000_000, 'text/plain', 2],
    );
    assert.equal(second?.properties.messageId, 'b');
    assert.deepEqual(publisher.inFlight, { messages: 0, bytes: 0 });
  });

  it('publishes to a queue by its name, through the exchange that has none', async () => {
    await using server = await startRabbit();
    const { queue } = await declareQueue(server.url, 'by-name');
    await using publisher = publisherTo(server.url);
    const target = { exchange: '', routingKey: queue };
    assert.deepEqual(await publisher.publish(target, [message('a', { body: Buffer.alloc(0) })], patience), [
      { outcome: 'CONFIRMED' },
    ]);
    assert.equal((await takeAll(server.url, queue)).length, 1);
  });

  it('tells which messages no queue is bound for, copies of one message among them', async () => {
    await using server = await startRabbit();
    const { queue, target } = await declareQueue(server.url, 'unroutable');
    await using publisher = publisherTo(server.url);
    const nowhere = { ...target, routingKey: 'nowhere' };
    const outcomes = await Promise.all([
      publisher.publish(target, [message('a'), message('b')], patience),
      publisher.publish(nowhere, [message('a'), message('a'), message('c')], patience),
      publisher.publish(target, [message('a')], patience),
    ]);
    assert.deepEqual(
      outcomes.map((each) => each.map(({ outcome }) => outcome)),
      [['CONFIRMED', 'CONFIRMED'], ['UNROUTABLE', 'UNROUTABLE', 'UNROUTABLE'], ['CONFIRMED']],
    );
    assert.equal((await takeAll(server.url, queue)).length, 3);
  });

  it('tells that a full queue refuses a message', async () => {
    await using server = await startRabbit();
    const full = { maxLength: 1, overflow: 'reject-publish' };
    const { target } = await declareQueue(server.url, 'refusing', full);
    await using publisher = publisherTo(server.url);
    const outcome = async (id: string) =>
      (await publisher.publish(target, [message(id)], patience))[0]?.outcome;
    assert.equal(await outcome('a'), 'CONFIRMED');
    assert.equal(await outcome('b'), 'REJECTED');
  });

  it('sends nothing to an exchange that is not there, and costs nobody else a confirm', async () => {
    await using server = await startRabbit();
    const { target } = await declareQueue(server.url, 'bystander');
    await using publisher = publisherTo(server.url);
    const batch = Array.from({ length: 200 }, (_, place) => message(`${place}`));
    const confirming = publisher.publish(target, batch, patience);
    await assert.rejects(
      publisher.publish({ ...target, exchange: 'no.such' }, [message('x')], patience),
      notSent('no-exchange'),
    );
    assert.ok((await confirming).every(({ outcome }) => outcome === 'CONFIRMED'));
    assert.deepEqual(publisher.inFlight, { messages: 0, bytes: 0 });
  });

  it('refuses a batch that finds no room, whole', async () => {
    await using server = await startRabbit();
    const { queue, target } = await declareQueue(server.url, 'bounded');
    await using publisher = publisherTo(server.url, { maxMessages: 3, maxBytes: 10_000 });
    const first = publisher.publish(target, [message('a'), message('b')], patience);
    await assert.rejects(publisher.publish(target, [message('c'), message('d')], patience), notSent('full'));
    const large = message('e', { body: Buffer.alloc(9_000) });
    await assert.rejects(publisher.publish(target, [large], patience), notSent('full'));
    await first;
    await publisher.publish(target, [large], patience);
    assert.deepEqual(
      (await takeAll(server.url, queue)).map(({ properties }) => properties.messageId),
      ['a', 'b', 'e'],
    );
  });

  it('places past the bounds what must not be refused', async () => {
    await using server = await startRabbit();
    const { queue, target } = await declareQueue(server.url, 'placed');
    await using publisher = publisherTo(server.url, { maxMessages: 1 });
    const outcomes = await publisher.place(target, [message('a'), message('b')], patience);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['CONFIRMED', 'CONFIRMED'],
    );
    const placing = publisher.place(target, [message('c')], patience);
    await assert.rejects(publisher.publish(target, [message('d')], patience), notSent('full'));
    await placing;
    assert.equal((await takeAll(server.url, queue)).length, 3);
    assert.deepEqual(publisher.inFlight, { messages: 0, bytes: 0 });
  });

  it('tells messages of one id apart by their keys', async () => {
    await using server = await startRabbit();
    const { queue } = await declareQueue(server.url, 'keyed');
    await withChannel(server.url, async (channel) => {
      await channel.assertExchange('keyed.by-header', 'headers');
      await channel.bindQueue(queue, 'keyed.by-header', '', { kept: 1 });
    });
    await using publisher = publisherTo(server.url);
    const batch = Array.from({ length: 100 }, (_, place) =>
      message('same', { headers: { [ownHeaders.key]: `${place}`, kept: place % 2 } }),
    );
    const target = { exchange: 'keyed.by-header', routingKey: '' };
    const outcomes = await publisher.publish(target, batch, patience);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      batch.map((_, place) => (place % 2 === 1 ? 'CONFIRMED' : 'UNROUTABLE')),
    );
  });

  it('goes on when the broker has closed its channel, on the same connection', async () => {
    await using server = await startRabbit();
    const { target } = await declareQueue(server.url, 'deleted');
    await using publisher = publisherTo(server.url);
    await publisher.publish(target, [message('a')], patience);
    const { connection } = publisher.link;
    await withChannel(server.url, async (channel) => {
      await channel.deleteExchange(target.exchange);
    });
    const [outcome] = await publisher.publish(target, [message('b')], patience);
    assert.equal(outcome?.outcome, 'UNKNOWN');
    await assert.rejects(publisher.publish(target, [message('c')], patience), notSent('no-exchange'));
    assert.deepEqual(
      await publisher.publish({ exchange: '', routingKey: 'no.such' }, [message('d')], patience),
      [{ outcome: 'UNROUTABLE' }],
    );
    assert.equal(publisher.link.connection, connection);
    assert.deepEqual(publisher.inFlight, { messages: 0, bytes: 0 });
  });

  it('says why there is no connection', async () => {
    await using server = await startRabbit();
    await using publisher = publisherTo(server.url, {
      locate: async () => ({ ...addressOf(server.url), password: 'wrong' }),
    });
    await assert.rejects(
      publisher.publish({ exchange: '', routingKey: 'q' }, [message('a')], patience),
      (error) => {
        assert.ok(error instanceof NotSentError);
        assert.equal(error.why, 'unreachable');
        assert.match(String(error.cause), /ACCESS.REFUSED/);
        return true;
      },
    );
  });

  it('ends a wait with the reason of the signal, before anything is sent', async () => {
    await using publisher = publisherTo('', { locate: endless });
    const target = { exchange: '', routingKey: 'q' };
    const given = new AbortController();
    const waiting = publisher.publish(target, [message('a')], { ...patience, signal: given.signal });
    given.abort(new Error('mine'));
    await assert.rejects(waiting, /mine/);
    await assert.rejects(publisher.publish(target, [message('a')], { timeoutMs: 1 }), notSent('unreachable'));
    assert.deepEqual(publisher.inFlight, { messages: 0, bytes: 0 });
  });

  it('takes nothing more when it is closed', async () => {
    await using server = await startRabbit();
    const { queue, target } = await declareQueue(server.url, 'closing');
    const publisher = publisherTo(server.url);
    await publisher.publish(target, [message('a')], patience);
    await publisher[Symbol.asyncDispose]();
    await assert.rejects(publisher.publish(target, [message('b')], patience), notSent('closed'));
    assert.equal((await takeAll(server.url, queue)).length, 1);
  });
});

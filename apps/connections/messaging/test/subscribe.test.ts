/** Subscriptions over v1, on a real socket. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FailureStatus, isStatusError } from '@connections/grpc';
import { SubscribeRequest_Nack_Why as Why } from '@connections/proto-utils/v1/messaging';
import { eventually } from '@connections/testing';
import { figures, publish, queue, withQueue } from './jobs-queue.ts';
import { Subscriber } from './subscriber.ts';

/** What the function tells, once that has stayed the same for a while. */
async function steady(read: () => number): Promise<number> {
  let last = read();
  let since = performance.now();
  return eventually(() => {
    const now = read();
    if (now !== last) since = performance.now();
    last = now;
    assert.ok(performance.now() - since > 200, 'still moving');
    return now;
  });
}

function fails(status: FailureStatus) {
  return (error: unknown) => isStatusError(error) && error.status === status;
}

describe('subscribe', () => {
  it('delivers what was published, with everything that came with it', async () => {
    await using fixture = await withQueue();
    const headers = new Map([['__proto__', 'kept']]);
    const sent = {
      id: 'm1',
      body: Buffer.from([0, 255]),
      contentType: 'a/b',
      headers,
      subject: 'validation/t1',
    };
    await fixture.v1.publish({ routingKey: queue, messages: [sent] });
    await using subscriber = await Subscriber.open(fixture.v1, queue, { leaseSeconds: 30 });
    const { message, attempt, exchange, routingKey, leaseExpireTime } = await subscriber.delivery();
    const { publishTime, body, ...rest } = message ?? {};
    assert.deepEqual(rest, { id: 'm1', contentType: 'a/b', headers, subject: 'validation/t1' });
    assert.deepEqual([...(body ?? [])], [0, 255]);
    assert.equal(publishTime?.getTime(), fixture.clock.now());
    assert.deepEqual({ attempt, exchange, routingKey }, { attempt: 1, exchange: '', routingKey: queue });
    assert.equal(leaseExpireTime?.getTime(), fixture.clock.now() + 30_000);
  });

  it('delivers no more than the credit, and one more for each that is settled', async () => {
    await using fixture = await withQueue();
    await publish(fixture, 'a', 'b', 'c');
    await using subscriber = await Subscriber.open(fixture.v1, queue, { messages: 2 });
    const first = await subscriber.delivery();
    await subscriber.delivery();
    await subscriber.isQuiet();
    assert.equal((await figures(fixture)).ready, 1);
    subscriber.ack(first.id);
    await subscriber.settled([first.id], 'OK');
    assert.equal((await subscriber.delivery()).message?.id, 'c');
  });

  it('delivers no more bytes than the credit', async () => {
    await using fixture = await withQueue();
    const body = Buffer.alloc(40_000);
    await fixture.v1.publish({ routingKey: queue, messages: [{ body }, { body }, { body }] });
    await using subscriber = await Subscriber.open(fixture.v1, queue, { bytes: 100_000 });
    const { id } = await subscriber.delivery();
    await subscriber.delivery();
    await subscriber.isQuiet();
    subscriber.ack(id);
    await subscriber.settled([id], 'OK');
    await subscriber.delivery();
  });

  it('delivers more once the credit is enlarged', async () => {
    await using fixture = await withQueue();
    await publish(fixture, 'a', 'b');
    await using subscriber = await Subscriber.open(fixture.v1, queue, { messages: 1 });
    await subscriber.delivery();
    await subscriber.isQuiet();
    subscriber.send({ $case: 'credit', value: { messages: 1, bytes: 0n } });
    assert.equal((await subscriber.delivery()).message?.id, 'b');
  });

  it('delivers again what was nacked, counting a failure and not counting a busy subscriber', async () => {
    await using fixture = await withQueue();
    await publish(fixture, 'a');
    await using subscriber = await Subscriber.open(fixture.v1, queue);
    const first = await subscriber.delivery();
    subscriber.send({ $case: 'nack', value: { ids: [first.id], why: Why.WHY_BUSY } });
    await subscriber.settled([first.id], 'OK');
    const second = await subscriber.delivery();
    assert.equal(second.attempt, 1);
    subscriber.send({ $case: 'nack', value: { ids: [second.id], why: Why.WHY_FAILED } });
    await subscriber.settled([second.id], 'OK');
    assert.equal((await subscriber.delivery()).attempt, 2);
  });

  it('moves a rejected message to the dead-letter queue with its reason', async () => {
    await using fixture = await withQueue();
    await publish(fixture, 'a');
    await using subscriber = await Subscriber.open(fixture.v1, queue);
    const { id } = await subscriber.delivery();
    subscriber.send({ $case: 'reject', value: { ids: [id], reason: 'not a job' } });
    await subscriber.settled([id], 'OK');
    await using dead = await Subscriber.open(fixture.v1, `${queue}.dead`);
    const { message } = await dead.delivery();
    assert.equal(message?.headers.get('x-death-reason'), 'not a job');
    assert.equal(message?.headers.get('x-death-queue'), queue);
  });

  it('calls a second ack and the ack of a foreign id stale, without another effect', async () => {
    await using fixture = await withQueue();
    await publish(fixture, 'a', 'b');
    await using one = await Subscriber.open(fixture.v1, queue, { messages: 1 });
    await using other = await Subscriber.open(fixture.v1, queue, { messages: 1 });
    const mine = await one.delivery();
    const theirs = await other.delivery();
    one.ack(mine.id);
    await one.settled([mine.id], 'OK');
    one.ack(mine.id, theirs.id, 'made up');
    await one.settled([mine.id, theirs.id, 'made up'], 'STALE');
    other.ack(theirs.id);
    await other.settled([theirs.id], 'OK');
  });

  it('ends a stream that asked to drain once nothing is open on it', async () => {
    await using fixture = await withQueue();
    await publish(fixture, 'a', 'b');
    await using subscriber = await Subscriber.open(fixture.v1, queue, { messages: 1 });
    const { id } = await subscriber.delivery();
    subscriber.send({ $case: 'drain', value: {} });
    subscriber.ack(id);
    await subscriber.settled([id], 'OK');
    await subscriber.ended();
    assert.equal((await figures(fixture)).ready, 1, 'no more was delivered');
  });

  it('answers everything before it ends with the frames of the subscriber', async () => {
    await using fixture = await withQueue();
    await publish(fixture, 'a');
    await using subscriber = await Subscriber.open(fixture.v1, queue, { messages: 1 });
    const { id } = await subscriber.delivery();
    subscriber.ack(id);
    subscriber.end();
    await subscriber.settled([id], 'OK');
    await subscriber.ended();
  });

  it('does not wait, when the service stops, for a stream that has not been opened', async () => {
    await using fixture = await withQueue();
    await using silent = new Subscriber(fixture.v1);
    const refused = assert.rejects(silent.next('opened'), fails('UNAVAILABLE'));
    // A call that comes later on the same connection is answered, so the stream has arrived.
    await figures(fixture);
    const begin = performance.now();
    await fixture.stop();
    assert.ok(performance.now() - begin < 5_000, 'the grace, of 10 s, was not waited for');
    await refused;
  });

  it('stops reading a subscriber that sends without reading, and answers all once it reads', async () => {
    await using fixture = await withQueue();
    await using subscriber = await Subscriber.open(fixture.v1, queue);
    const ids = Array.from({ length: 256 }, (_, index) => `foreign-${index}`.padEnd(120, '.'));
    const frames = 200;
    for (let frame = 0; frame < frames; frame++) subscriber.ack(...ids);
    const taken = await steady(() => subscriber.taken);
    assert.ok(taken < frames / 2, `${taken} frames were taken from a subscriber that does not read`);
    for (let told = 0; told < frames * ids.length; ) told += (await subscriber.next('settled')).ids.length;
    await subscriber.isQuiet();
  });

  const refused: [string, Parameters<Subscriber['send']>[0][], FailureStatus][] = [
    ['a first frame that does not open', [{ $case: 'ack', value: { ids: ['a'] } }], 'INVALID_ARGUMENT'],
    ['an unknown queue', [openFrame({ queue: 'nowhere' })], 'NOT_FOUND'],
    ['an empty queue name', [openFrame({ queue: '' })], 'INVALID_ARGUMENT'],
    [
      'a lease of less than a second',
      [openFrame({ lease: { seconds: 0n, nanos: 999_999_999 } })],
      'INVALID_ARGUMENT',
    ],
    [
      'a lease of more than ten minutes',
      [openFrame({ lease: { seconds: 601n, nanos: 0 } })],
      'INVALID_ARGUMENT',
    ],
    ['a credit over the limit', [openFrame({ credit: { messages: 257, bytes: 0n } })], 'INVALID_ARGUMENT'],
    ['a negative credit', [openFrame({ credit: { messages: -1, bytes: 0n } })], 'INVALID_ARGUMENT'],
    ['opening twice', [openFrame({}), openFrame({})], 'INVALID_ARGUMENT'],
    [
      'more ids than a frame takes',
      [openFrame({}), { $case: 'ack', value: { ids: new Array(257).fill('a') } }],
      'INVALID_ARGUMENT',
    ],
    [
      'an unknown reason to nack',
      [openFrame({}), { $case: 'nack', value: { ids: ['a'], why: 9 as never } }],
      'INVALID_ARGUMENT',
    ],
  ];

  function openFrame(fields: object): Parameters<Subscriber['send']>[0] {
    return { $case: 'open', value: { namespace: '', queue, credit: undefined, lease: undefined, ...fields } };
  }

  for (const [what, frames, status] of refused) {
    it(`refuses ${what} with ${status}`, async () => {
      await using fixture = await withQueue();
      await using subscriber = new Subscriber(fixture.v1);
      for (const frame of frames) subscriber.send(frame);
      if (frames.length > 1) await subscriber.next('opened');
      await assert.rejects(subscriber.ended(), fails(status));
      assert.equal((await figures(fixture)).consumers, 0);
    });
  }
});

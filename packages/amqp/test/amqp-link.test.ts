/** A supervised connection to a broker that is there, is not there, or comes back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rabbitMissing, startRabbit } from '@connections/testing';
import { type AmqpAddress, AmqpLink, NotSentError } from '../src/index.ts';
import { addressOf } from './broker-view.ts';

const never = new AbortController().signal;
const skip = rabbitMissing();

function closed(error: unknown) {
  return error instanceof NotSentError && error.why === 'closed';
}

describe('amqp link', () => {
  it('was tried when an attempt has failed, says why, and waits for those who want to', async () => {
    const locate = async () => Promise.reject(new Error('nowhere'));
    const link = new AmqpLink({ name: 'test', locate });
    await link.tried;
    assert.equal(link.connection, undefined);
    assert.match(String(link.trouble), /nowhere/);
    await assert.rejects(
      link.reach(),
      (error) => error instanceof NotSentError && error.why === 'unreachable',
    );
    const given = new AbortController();
    const [ended, waiting] = [link.ready(given.signal), link.ready(never)];
    given.abort(new Error('mine'));
    await assert.rejects(ended, /mine/);
    await Promise.all([assert.rejects(waiting, closed), link[Symbol.asyncDispose]()]);
    await assert.rejects(link.ready(never), closed);
    await assert.rejects(link.reach(), closed);
  });

  it('gives those who wait a connection when there is a broker, and another one when that was lost', {
    skip,
  }, async () => {
    await using server = await startRabbit();
    let address: AmqpAddress | undefined;
    const locate = async () => address ?? Promise.reject(new Error('nowhere'));
    await using link = new AmqpLink({ name: 'test', locate });
    await link.tried;
    const waiting = link.ready(never);
    address = addressOf(server.url);
    const connection = await waiting;
    assert.match(connection.version, /^\d+\.\d+/);
    assert.equal(link.connection, connection);
    connection.destroy();
    assert.match(String(await connection.ended), /abort/i);
    const next = await link.ready(never);
    assert.notEqual(next, connection);
    const channel = await next.openChannel();
    await channel.checkExchange('amq.direct');
  });

  it('ends an attempt whose preparation fails', { skip }, async () => {
    await using server = await startRabbit();
    let prepared = 0;
    await using link = new AmqpLink({
      name: 'test',
      locate: async () => addressOf(server.url),
      async prepare() {
        prepared += 1;
        if (prepared === 1) throw new Error('unprepared');
      },
    });
    await link.tried;
    assert.match(String(link.trouble), /unprepared/);
    await link.ready(never);
    assert.equal(prepared, 2);
  });
});

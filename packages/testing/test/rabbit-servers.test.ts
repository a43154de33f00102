/** The RabbitMQ brokers of tests. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { rabbitMissing, startRabbit } from '../src/servers/rabbit-server.ts';
import { withEnvironment } from './with-environment.ts';

/** Resolves with what the broker says first: it sends its side of the handshake, or nothing. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write('AMQP\0\0\t\x01'));
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString('latin1'));
    });
  });
}

suite('Test servers: RabbitMQ', { skip: rabbitMissing({ own: true }) ?? false }, () => {
  test('a broker greets, is frozen and thawed, killed and started again with its users', async () => {
    await using broker = await startRabbit({ own: true, config: ['heartbeat = 7'] });
    assert.match(await greeting(broker.port), /RabbitMQ/);
    await broker.control('add_user', 'kept', 'password');

    broker.freeze();
    let greeted = false;
    const late = greeting(broker.port).finally(() => {
      greeted = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(greeted, false);
    broker.thaw();
    assert.match(await late, /RabbitMQ/);

    await broker.kill();
    await assert.rejects(greeting(broker.port), { code: 'ECONNREFUSED' });
    await broker.restart();
    assert.match(await broker.control('list_users', '--silent'), /^kept\t/m);
    assert.match(await broker.control('environment'), /\{heartbeat,7\}/);

    await broker[Symbol.asyncDispose]();
    await assert.rejects(greeting(broker.port), { code: 'ECONNREFUSED' });
  });

  test('who asks for no own broker shares one of the process, and cannot stop it', async () => {
    await withEnvironment({ RABBITMQ_TEST_URL: '' }, async () => {
      const [one, other] = await Promise.all([startRabbit(), startRabbit()]);
      assert.equal(one.url, other.url);
      assert.throws(() => one.freeze(), /own: true/);
      await one[Symbol.asyncDispose]();
      assert.match(await greeting(other.port), /RabbitMQ/);
    });
  });

  test('a given broker is taken, and cannot be stopped', async () => {
    await withEnvironment({ RABBITMQ_TEST_URL: 'amqp://user:word@broker.example:5673/a' }, async () => {
      const given = await startRabbit();
      assert.equal(given.url, 'amqp://user:word@broker.example:5673/a');
      assert.equal(given.port, 5673);
      await assert.rejects(given.kill(), /RABBITMQ_TEST_URL/);
    });
  });
});

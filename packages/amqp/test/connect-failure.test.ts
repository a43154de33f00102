/** What is said of a broker that nobody can be connected to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { it, suite } from 'node:test';
import { rabbitMissing, startRabbit } from '@connections/testing';
import { type AmqpAddress, AmqpConnection } from '../src/index.ts';
import { addressOf } from './broker-view.ts';

const never = new AbortController().signal;

function refusal(address: AmqpAddress, message: string): Promise<void> {
  return assert.rejects(AmqpConnection.open(address, 'test', never), { message });
}

suite('a connect that fails says', { skip: rabbitMissing() ?? false }, () => {
  it('that the password is wrong', async () => {
    const address = addressOf((await startRabbit()).url);
    await refusal(
      { ...address, password: 'wrong' },
      `the broker refuses the user ${address.username} with the password that is set (ACCESS_REFUSED)`,
    );
  });

  it('that the virtual host is not there', async () => {
    const address = addressOf((await startRabbit()).url);
    await refusal(
      { ...address, virtualHost: 'nowhere' },
      `there is no virtual host nowhere, the user ${address.username} may not use it, or it takes no more connections`,
    );
  });

  it('that it is no broker, or none without TLS', async () => {
    const listener = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const address = { host: '127.0.0.1', port, virtualHost: '/', username: 'guest', password: 'guest' };
    await refusal(address, 'what listens there does not speak AMQP, or speaks it over TLS (amqps)');
    listener.close();
  });

  it('that it is one without TLS', async () => {
    const address = addressOf((await startRabbit()).url);
    await refusal({ ...address, tls: true }, 'what listens there does not speak TLS (amqps)');
  });
});

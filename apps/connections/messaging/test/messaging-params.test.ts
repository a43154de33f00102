/** What the wire contract hands out of a broker that publishers can reach themselves, and to whom. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createClient, isStatusError } from '@connections/grpc';
import { wireMessagingService } from '@connections/proto-utils';
import { readSettings } from '@connections/runtime';
import {
  createTestServer,
  makeSelfSigned,
  opensslMissing,
  openTestChannel,
  type SelfSigned,
  sabotaged,
  TestClock,
} from '@connections/testing';
import { brokerAddress } from '../src/broker-settings.ts';
import { exposureNotices } from '../src/exposure-settings.ts';
import { messagingSettings } from '../src/index.ts';
import { DeliveryRoom } from '../src/service/delivery-room.ts';
import { OneWayStreams } from '../src/service/one-way-streams.ts';
import { OpenStreams } from '../src/service/open-streams.ts';
import { settledWhenTaken } from '../src/service/task-settlement.ts';
import { TopologyService } from '../src/service/topology-service.ts';
import { WireService } from '../src/service/wire-service.ts';
import { createWireMessagingHandler } from '../src/transport/wire/wire-messaging-handler.ts';
import { wireTopology } from '../src/wire-settings.ts';
import { openTestBroker } from './embedded-broker-port.ts';

const rabbit = {
  RABBITMQ_HOST: 'rabbit',
  RABBITMQ_VHOST: '/etl',
  RABBITMQ_USER: 'user',
  RABBITMQ_PASSWORD: 'secret',
};
const handedOut = { host: 'rabbit', port: 5_672, virtualHost: '/etl', username: 'user', password: 'secret' };
const loopback = '127.0.0.1';
/** An address of this machine by which a caller is no loopback peer. */
const network = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

/** The parameters that a caller gets at `host` of this machine, or the failure. */
async function paramsAt(host: string, env: Readonly<Record<string, string>> = {}, tls?: SelfSigned) {
  await using opened = await openTestBroker();
  const capabilities = { durable: true, directPublishing: true };
  const broker = sabotaged(opened.port, { capabilities });
  const settings = readSettings(messagingSettings, { ...rabbit, ...env });
  const wire = new WireService({
    broker,
    topologies: new TopologyService(broker),
    topology: wireTopology(settings),
    address: brokerAddress(settings),
    exposure: settings.exposeCredentials,
  });
  const clock = new TestClock();
  const streams = new OpenStreams();
  const budget = new DeliveryRoom({ maxBytes: 1_048_576, stalledMs: 30_000, clock });
  const oneWay = new OneWayStreams({ broker, clock, streams, budget, prefetch: 1, watch: settledWhenTaken });
  const server = createTestServer(tls && { tls });
  server.add(wireMessagingService, createWireMessagingHandler(wire, oneWay));
  const address = `${host}:${await server.listen(host, 0)}`;
  const channel = openTestChannel(address, tls && (() => ({ ca: tls.cert })));
  try {
    return await createClient(wireMessagingService, channel).getMessagingParams({}, { timeoutMs: 10_000 });
  } finally {
    channel.close();
    await server.stop(0);
  }
}

async function refusalAt(host: string, expose: string): Promise<[string, string | undefined]> {
  try {
    await paramsAt(host, { MESSAGING_EXPOSE_CREDENTIALS: expose });
  } catch (error) {
    if (isStatusError(error)) return [error.status, error.reason];
    throw error;
  }
  throw new Error('it answered');
}

describe('GetMessagingParams', () => {
  it('hands out the address of the broker, with its queues in their order', async () => {
    assert.deepEqual(await paramsAt(loopback), {
      ...handedOut,
      exchange: {
        exchange: 'typechecking.exchange',
        type: 'topic',
        durable: true,
        queues: [
          { queue: 'typechecking.schemas.queue', routingKey: 'schemas.*', durable: true },
          { queue: 'typechecking.validations.queue', routingKey: 'validation.*', durable: true },
          { queue: 'typechecking.schemas.results.queue', routingKey: 'schemas.result.*', durable: true },
          {
            queue: 'typechecking.validation.results.queue',
            routingKey: 'validation.result.*',
            durable: true,
          },
        ],
      },
    });
  });

  it('keeps the credentials from everybody where they are never exposed', async () => {
    assert.deepEqual(await refusalAt(loopback, 'never'), ['PERMISSION_DENIED', 'CREDENTIALS_WITHHELD']);
  });

  it('gives them to callers on this machine where they are exposed securely', async () => {
    const { password } = await paramsAt(loopback, { MESSAGING_EXPOSE_CREDENTIALS: 'secure' });
    assert.equal(password, 'secret');
  });

  it('keeps them from callers over a network in plain text, unless they are always exposed', {
    skip: network === undefined && 'this machine has no address but loopback',
  }, async () => {
    const host = network ?? '';
    assert.equal((await paramsAt(host)).password, 'secret');
    assert.deepEqual(await refusalAt(host, 'secure'), ['PERMISSION_DENIED', 'CREDENTIALS_NEED_TLS']);
  });

  it('gives them to callers over TLS where they are exposed securely', {
    skip: network === undefined ? 'this machine has no address but loopback' : opensslMissing(),
  }, async () => {
    const host = network ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'connections-params-'));
    const tls = makeSelfSigned(folder, 'messaging.test', [host]);
    rmSync(folder, { recursive: true });
    const { password } = await paramsAt(host, { MESSAGING_EXPOSE_CREDENTIALS: 'secure' }, tls);
    assert.equal(password, 'secret');
  });
});

describe('the address that is handed out', () => {
  const addressBy = (env: Readonly<Record<string, string>>) =>
    brokerAddress(readSettings(messagingSettings, env));

  it('is that of the URL of the broker', () => {
    const url = { MESSAGING_BROKER_URL: 'amqp://a%20b:c%2Fd@[::1]:5673/%2Fetl' };
    const expected = { host: '::1', port: 5_673, virtualHost: '/etl', username: 'a b', password: 'c/d' };
    assert.deepEqual(addressBy(url), expected);
    assert.deepEqual(addressBy({ ...rabbit, ...url }), expected);
  });

  it('is that of RABBITMQ_HOST where no URL is set', () => {
    assert.deepEqual(addressBy(rabbit), handedOut);
  });
});

it('warns of credentials that a port open to others hands out', () => {
  const notices = (env: Readonly<Record<string, string>>) => {
    const settings = readSettings(messagingSettings, env);
    return exposureNotices(settings, settings).length;
  };
  assert.equal(notices({}), 0);
  assert.equal(notices({ MESSAGING_CONNECTION_HOST: '0.0.0.0' }), 1);
  assert.equal(notices({ MESSAGING_CONNECTION_HOST: '::1' }), 0);
  for (const kept of ['secure', 'never']) {
    const env = { MESSAGING_CONNECTION_HOST: '0.0.0.0', MESSAGING_EXPOSE_CREDENTIALS: kept };
    assert.equal(notices(env), 0);
  }
});

/** The direct publisher while its broker freezes, its password is changed and its service is away. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc';
import { eventually, type RabbitServer, rabbitMissing, startRabbit } from '@connections/testing';
import { createDirectPublisher, PublishError } from '../src/index.ts';
import { declareContract, ParametersService, schemasQueue, takeAll } from './told-broker.ts';

const comebackMs = 60_000;
const skip = rabbitMissing({ own: true });

describe('direct publisher', { skip }, () => {
  let server: RabbitServer;
  let service: ParametersService;
  before(async () => {
    server = await startRabbit({ own: true });
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    await declareContract(server.url);
    service = await ParametersService.open(server.url);
  });

  const connected = async () => {
    const publisher = createDirectPublisher({ address: service.address });
    const publish = (id: string) =>
      publisher.publish('typechecking.exchange', 'schemas.update', { id, body: '' });
    await eventually(() => publish('first'), comebackMs);
    return { publish, [Symbol.dispose]: () => publisher.close() };
  };

  it('says within its time that a frozen broker may have the message', async () => {
    using publisher = await connected();
    server.freeze();
    try {
      const since = performance.now();
      await assert.rejects(publisher.publish('a'), (error) => {
        return error instanceof PublishError && error.outcome === 'UNKNOWN' && error.id === 'a';
      });
      const ms = performance.now() - since;
      // Well before the connection would be given up for want of a heartbeat.
      assert.ok(ms > 4_900 && ms < 15_000, `it took ${ms} ms`);
    } finally {
      server.thaw();
    }
    await eventually(async () => {
      const ids = (await takeAll(server.url, schemasQueue)).map(({ properties }) => properties.messageId);
      assert.ok(ids.includes('a'));
    }, comebackMs);
    await service[Symbol.asyncDispose]();
  });

  it('asks for the parameters again when a connection is lost, and when they are refused', async () => {
    using publisher = await connected();
    const { params } = service;
    await server.control('change_password', 'guest', 'rotated');
    try {
      await server.control('close_all_connections', 'the password is new');
      const { asked } = service;
      await eventually(
        () =>
          assert.rejects(
            publisher.publish('a'),
            (error) => isStatusError(error) && /ACCESS.REFUSED/.test(error.message),
          ),
        comebackMs,
      );
      await eventually(() => assert.ok(service.asked > asked + 1), comebackMs);
      if (params) service.params = { ...params, password: 'rotated' };
      await eventually(() => publisher.publish('b'), comebackMs);
    } finally {
      await server.control('change_password', 'guest', 'guest');
      await service[Symbol.asyncDispose]();
    }
  });

  it('connects with what it was told last while the service is away', async () => {
    using publisher = await connected();
    await service.stop();
    await publisher.publish('a');
    await server.kill();
    await server.restart();
    await eventually(() => publisher.publish('b'), comebackMs);
  });
});

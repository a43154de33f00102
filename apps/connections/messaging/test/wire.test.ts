/** The wire contract's Messaging service, on a real socket. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc';
import { openMessaging } from './messaging-fixture.ts';
import { openWireScene } from './wire-scene.ts';
import { wireStreamCases } from './wire-stream-cases.ts';

describe('wire contract', () => {
  it('tells the routing keys of requests and results', async () => {
    await using fixture = await openMessaging({
      env: { RABBITMQ_ROUTING_KEY_RESULTS_VALIDATIONS: 'validation.results.*' },
    });
    const { wire } = fixture;
    const keys = [
      await wire.getRoutingKeySchemas({ results: false }),
      await wire.getRoutingKeySchemas({ results: true }),
      await wire.getRoutingKeyValidations({ results: false }),
      await wire.getRoutingKeyValidations({ results: true }),
    ];
    assert.deepEqual(
      keys.map(({ routingKey }) => routingKey),
      ['schemas.*', 'schemas.result.*', 'validation.*', 'validation.results.*'],
    );
  });

  it('has no broker to hand out on the embedded driver', async () => {
    await using fixture = await openMessaging();
    await assert.rejects(
      fixture.wire.getMessagingParams({}),
      (error) =>
        isStatusError(error) && error.status === 'FAILED_PRECONDITION' && error.reason === 'NO_BROKER',
    );
  });
});

wireStreamCases(openWireScene);

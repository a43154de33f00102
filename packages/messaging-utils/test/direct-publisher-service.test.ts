/** The direct publisher beside a Messaging service on the same broker: what one writes the other delivers. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createClient } from '@connections/grpc';
import { wireMessagingService } from '@connections/proto-utils';
import { openTestChannel, type RabbitServer, rabbitMissing, startRabbit } from '@connections/testing';
import {
  createConsumer,
  createDirectPublisher,
  type ReceivedDelivery,
  validationRequest,
} from '../src/index.ts';
import { MessagingService } from './messaging-service.ts';

const patient = { timeoutMs: 20_000 };
const request = { importName: 'customers', filename: 'c.csv', contentType: 'text/csv' };
const skip = rabbitMissing({ own: true });

describe('direct publisher, beside the service on RabbitMQ', { skip }, () => {
  let server: RabbitServer;
  let service: MessagingService;
  before(async () => {
    server = await startRabbit({ own: true });
    const { hostname, port, username, password } = new URL(server.url);
    service = await MessagingService.open({
      RABBITMQ_HOST: hostname,
      RABBITMQ_PORT: port,
      RABBITMQ_USER: username,
      RABBITMQ_PASSWORD: password,
    });
  });
  after(async () => {
    await service?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  it('writes what the streams of the wire contract deliver', async () => {
    using publisher = createDirectPublisher({ address: service.address });
    const { exchange } = await publisher.topology();
    const file = Buffer.from('email\n');
    await publisher.publish(
      exchange,
      'validation.request',
      validationRequest({ ...request, id: 't1', file }),
      patient,
    );
    const channel = openTestChannel(service.address);
    try {
      const stream = createClient(wireMessagingService, channel).streamValidationMessages({}, patient);
      for await (const { id, fileData, importName, metadata } of stream) {
        assert.deepEqual([id, fileData, importName, metadata?.size], ['t1', '656d61696c0a', 'customers', 6n]);
        break;
      }
    } finally {
      channel.close();
    }
  });

  it('writes what a consumer of the service gets, as if it had come through the service', async () => {
    using publisher = createDirectPublisher({ address: service.address });
    using consumer = createConsumer({ address: service.address });
    const headers = new Map([
      ['kind', 'test'],
      ['CC', 'a header of the broker itself'],
    ]);
    const message = { id: 'm1', body: 'text', contentType: 'text/plain', headers, subject: 'schemas/7' };
    await publisher.publish('x', 'job.a', message, patient);
    const stop = new AbortController();
    const deliveries: ReceivedDelivery[] = [];
    await consumer.run(
      'jobs',
      async (delivery) => {
        deliveries.push(delivery);
        stop.abort();
        return 'ack';
      },
      { signal: stop.signal },
    );
    const [delivery] = deliveries;
    assert.ok(delivery);
    const { id, body, contentType, subject, headers: received } = delivery.message;
    assert.deepEqual(
      [id, Buffer.from(body).toString(), contentType, subject],
      ['m1', 'text', 'text/plain', 'schemas/7'],
    );
    assert.deepEqual(received, headers);
    assert.deepEqual([delivery.exchange, delivery.routingKey, delivery.attempt], ['x', 'job.a', 1]);
  });
});

/** The publisher that goes to the broker itself, with what the service tells of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FailureStatus, isStatusError } from '@connections/grpc';
import { eventually, rabbitMissing, startRabbit } from '@connections/testing';
import { propagation } from '@opentelemetry/api';
import { createDirectPublisher, PublishError, schemaRequest, validationRequest } from '../src/index.ts';
import {
  declareContract,
  ParametersService,
  schemasQueue,
  takeAll,
  validationsQueue,
} from './told-broker.ts';

const exchange = 'typechecking.exchange';
const patient = { timeoutMs: 20_000 };
const skip = rabbitMissing();

function failsWith(status: FailureStatus) {
  return (error: unknown) => isStatusError(error) && error.status === status;
}

describe('direct publisher', { skip }, () => {
  it('writes requests as consumers of the wire contract read them', async () => {
    const { url } = await startRabbit();
    await declareContract(url);
    await using service = await ParametersService.open(url);
    using publisher = createDirectPublisher({ address: service.address });
    const date = new Date('2026-01-31T12:00:00Z');
    const schema = {
      schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['email'],
      properties: { email: { type: 'string' } },
    };
    const extra = new Map([['rows', 3]]);
    const upload = { id: 't1', importName: 'customers', task: 'upload_schema', schema, date, extra } as const;
    const removal = { id: 't2', importName: 'customers', task: 'remove_schema', date } as const;
    const requests = [schemaRequest(upload), schemaRequest(removal)];
    assert.deepEqual(await publisher.publish(exchange, 'schemas.update', requests, patient), ['t1', 't2']);
    const file = Buffer.from('email\n');
    const validation = {
      id: 't3',
      importName: 'customers',
      file,
      filename: 'c.csv',
      contentType: 'text/csv',
      date,
    };
    await publisher.publish(exchange, 'validation.request', validationRequest(validation), patient);

    const [first, second] = await takeAll(url, schemasQueue);
    assert.deepEqual(JSON.parse(String(first?.content)), {
      id: 't1',
      schema,
      import_name: 'customers',
      raw: false,
      tasks: 'upload_schema',
      date: '2026-01-31T12:00:00.000Z',
      extra: { rows: 3 },
    });
    const { messageId, deliveryMode, contentType, timestamp } = first?.properties ?? {};
    assert.deepEqual([messageId, deliveryMode, contentType], ['t1', 2, 'application/json']);
    assert.ok(Math.abs(Date.now() / 1_000 - timestamp) < 60);
    const { schema: none, tasks, extra: empty } = JSON.parse(String(second?.content));
    assert.deepEqual([none, tasks, empty], [null, 'remove_schema', {}]);
    const [third] = await takeAll(url, validationsQueue);
    assert.deepEqual(JSON.parse(String(third?.content)), {
      id: 't3',
      task: 'sample_validation',
      file_data: '656d61696c0a',
      import_name: 'customers',
      metadata: { filename: 'c.csv', content_type: 'text/csv', size: 6 },
      date: '2026-01-31T12:00:00.000Z',
      extra: {},
    });
  });

  it('rejects with the ids and outcomes of messages that reached no queue', async () => {
    const { url } = await startRabbit();
    await declareContract(url);
    await using service = await ParametersService.open(url);
    using publisher = createDirectPublisher({ address: service.address });
    const messages = [
      { id: 'a', body: '' },
      { id: 'b', body: '' },
    ];
    await assert.rejects(publisher.publish(exchange, 'nobody.listens', messages, patient), (error) => {
      assert.ok(error instanceof PublishError);
      assert.deepEqual([error.id, error.outcome], ['a', 'UNROUTABLE']);
      assert.deepEqual(
        error.unconfirmed.map(({ id }) => id),
        ['a', 'b'],
      );
      return true;
    });
  });

  it('waits as long as it is told to, longer than a timer holds, too', async () => {
    const { url } = await startRabbit();
    await declareContract(url);
    await using service = await ParametersService.open(url);
    for (const timeoutMs of [2 ** 31, Infinity]) {
      using publisher = createDirectPublisher({ address: service.address });
      const message = { id: 'long', body: '' };
      assert.deepEqual(await publisher.publish(exchange, 'schemas.update', message, { timeoutMs }), ['long']);
    }
    assert.equal((await takeAll(url, schemasQueue)).length, 2);
  });

  it('rejects with the status of a publish that was not begun', async () => {
    const { url } = await startRabbit();
    await declareContract(url);
    await using service = await ParametersService.open(url);
    using publisher = createDirectPublisher({ address: service.address, maxMessages: 300 });
    const publish = (target: string, messages: Parameters<typeof publisher.publish>[2]) =>
      publisher.publish(target, 'schemas.update', messages, patient);
    await assert.rejects(publish('nowhere', { body: '' }), failsWith('NOT_FOUND'));
    await assert.rejects(publish(exchange, []), failsWith('INVALID_ARGUMENT'));
    await assert.rejects(publish(exchange, new Array(257).fill({ body: '' })), failsWith('INVALID_ARGUMENT'));
    await assert.rejects(publish(exchange, { id: 'i'.repeat(256), body: '' }), failsWith('INVALID_ARGUMENT'));
    const headers = new Map([['h', 'é'.repeat(32_768)]]);
    await assert.rejects(publish(exchange, { body: '', headers }), failsWith('INVALID_ARGUMENT'));
    const many = publish(exchange, new Array(256).fill({ body: '' }));
    await assert.rejects(
      publish(exchange, new Array(256).fill({ body: '' })),
      failsWith('RESOURCE_EXHAUSTED'),
    );
    assert.equal((await many).length, 256);
    const signal = AbortSignal.abort();
    await assert.rejects(publisher.publish(exchange, 'k', { body: '' }, { signal }), failsWith('CANCELLED'));
    assert.equal((await takeAll(url, schemasQueue)).length, 256);
  });

  it('passes on why the service tells nothing, and connects when it does', async () => {
    const { url } = await startRabbit();
    await declareContract(url);
    await using service = await ParametersService.open(url);
    const { params } = service;
    service.params = undefined;
    using publisher = createDirectPublisher({ address: service.address });
    const publish = () => publisher.publish(exchange, 'schemas.update', { body: '' }, patient);
    await assert.rejects(publish(), failsWith('PERMISSION_DENIED'));
    service.params = params;
    await eventually(publish, 20_000);
    assert.equal((await takeAll(url, schemasQueue)).length, 1);
  });

  it('tells the topology of the service', async () => {
    const { url } = await startRabbit();
    await using service = await ParametersService.open(url);
    using publisher = createDirectPublisher({ address: service.address });
    assert.deepEqual(await publisher.topology(), service.params?.exchange);
  });

  it('carries the trace of its program on messages that have none', async () => {
    const { url } = await startRabbit();
    await declareContract(url);
    await using service = await ParametersService.open(url);
    using publisher = createDirectPublisher({ address: service.address });
    const messages = [{ body: '' }, { body: '', headers: new Map([['traceparent', 'its own']]) }];
    propagation.setGlobalPropagator({
      inject: (_, carrier, { set }) => set(carrier, 'traceparent', 'the trace'),
      extract: (context) => context,
      fields: () => ['traceparent'],
    });
    const publishing = publisher.publish(exchange, 'schemas.update', messages, patient);
    propagation.disable();
    const ids = await publishing;
    const taken = new Map((await takeAll(url, schemasQueue)).map((got) => [got.properties.messageId, got]));
    assert.deepEqual(
      ids.map((id) => taken.get(id)?.properties.headers?.traceparent),
      ['the trace', 'its own'],
    );
  });
});

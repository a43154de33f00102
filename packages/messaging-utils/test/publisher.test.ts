/** The publisher against a real service. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc';
import { createPublisher, PublishError } from '../src/index.ts';
import { MessagingService, queue } from './messaging-service.ts';

describe('publisher', () => {
  it('resolves with the ids of what it published', async () => {
    await using service = await MessagingService.open();
    using publisher = createPublisher({ address: service.address });
    assert.deepEqual(await publisher.publish('x', 'job.a', { id: 'mine', body: 'text' }), ['mine']);
    const ids = await publisher.publish('x', 'job.b', [{ body: 'a' }, { body: Buffer.from('b') }]);
    assert.equal(new Set(ids).size, 2);
    assert.deepEqual(await service.figures(), { ready: 3, unsettled: 0 });
  });

  it('rejects with the id and the outcome of a message that reached no queue', async () => {
    await using service = await MessagingService.open();
    using publisher = createPublisher({ address: service.address });
    await assert.rejects(
      publisher.publish('x', 'nobody.listens', [
        { id: 'a', body: '' },
        { id: 'b', body: '' },
      ]),
      (error) => {
        assert.ok(error instanceof PublishError);
        assert.deepEqual([error.id, error.outcome], ['a', 'UNROUTABLE']);
        assert.deepEqual(
          error.unconfirmed.map(({ id }) => id),
          ['a', 'b'],
        );
        return true;
      },
    );
  });

  it('publishes in its namespace', async () => {
    await using service = await MessagingService.open();
    using publisher = createPublisher({ address: service.address, namespace: 'other' });
    await assert.rejects(publisher.publish('', queue, { body: '' }), PublishError);
  });

  it('rejects with the status of a call that failed as a whole', async () => {
    await using service = await MessagingService.open();
    using publisher = createPublisher({ address: service.address });
    await assert.rejects(
      publisher.publish('nowhere', 'a', { body: '' }),
      (error) => isStatusError(error) && error.status === 'NOT_FOUND',
    );
    await service.stop();
    await assert.rejects(
      publisher.publish('x', 'job.a', { body: '' }),
      (error) => isStatusError(error) && error.status === 'UNAVAILABLE',
    );
  });
});

/** The consumer against a real service. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Channel, isStatusError } from '@connections/grpc';
import { createGrpcJsChannel } from '@connections/grpc/grpc-js';
import type { SubscribeRequest } from '@connections/proto-utils/v1/messaging';
import { eventually } from '@connections/testing';
import { type ConsumeOptions, createConsumer, createPublisher, type MessageHandler } from '../src/index.ts';
import { MessagingService, queue } from './messaging-service.ts';

async function publish(service: MessagingService, ...ids: string[]): Promise<void> {
  using publisher = createPublisher({ address: service.address });
  await publisher.publish(
    'x',
    'job.a',
    ids.map((id) => ({ id, body: id })),
  );
}

/** A consumer at work; stopping it drains it. */
function consume(
  service: MessagingService,
  handler: MessageHandler,
  options: Omit<ConsumeOptions, 'signal'> = {},
) {
  const consumer = createConsumer({ address: service.address });
  const abort = new AbortController();
  const run = consumer.run(queue, handler, { ...options, signal: abort.signal });
  run.catch(() => {});
  return {
    run,
    abort: () => abort.abort(),
    async [Symbol.asyncDispose]() {
      abort.abort();
      await run.catch(() => {});
      consumer.close();
    },
  };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const done = { ready: 0, unsettled: 0 };

/** Notes how many deliveries each frame of an acknowledgement names. */
function notingAcks(channel: Channel, sizes: number[]): Channel {
  async function* noted<Request>(requests: AsyncIterable<Request>): AsyncIterable<Request> {
    for await (const request of requests) {
      const { frame } = request as SubscribeRequest;
      if (frame?.$case === 'ack') sizes.push(frame.value.ids.length);
      yield request;
    }
  }
  return {
    unary: (...call) => channel.unary(...call),
    stream: (method, requests, options) => channel.stream(method, noted(requests), options),
    ready: (timeoutMs) => channel.ready(timeoutMs),
    close: () => channel.close(),
  };
}

describe('consumer', () => {
  it('acknowledges in one frame what its handlers have dealt with at the same time', async () => {
    await using service = await MessagingService.open();
    await publish(service, 'a', 'b', 'c');
    const channel = createGrpcJsChannel(service.address);
    const sizes: number[] = [];
    using consumer = createConsumer({ channel: notingAcks(channel, sizes) });
    const { open, opened } = gate();
    const end = new AbortController();
    let waiting = 0;
    const run = consumer.run(
      queue,
      async () => {
        waiting += 1;
        await opened;
        return 'ack';
      },
      { signal: end.signal },
    );
    await eventually(() => assert.equal(waiting, 3));
    open();
    await eventually(async () => assert.deepEqual(await service.figures(), done));
    end.abort();
    await run;
    channel.close();
    assert.deepEqual(sizes, [3]);
  });

  it('acknowledges what its handler has dealt with', async () => {
    await using service = await MessagingService.open();
    const seen: string[] = [];
    await using _ = consume(service, async ({ message }) => {
      seen.push(message.id);
      return 'ack';
    });
    await publish(service, 'a', 'b', 'c');
    await eventually(async () => assert.deepEqual(await service.figures(), done));
    assert.deepEqual(seen, ['a', 'b', 'c']);
  });

  it('gets a message again that its handler wants again or throws at, until the queue gives it up', async () => {
    await using service = await MessagingService.open();
    const attempts: number[] = [];
    const errors: unknown[] = [];
    await using _ = consume(
      service,
      async ({ attempt }) => {
        attempts.push(attempt);
        if (attempt === 1) return 'retry';
        throw new Error(`attempt ${attempt}`);
      },
      { onError: (error) => errors.push(error) },
    );
    await publish(service, 'a');
    await eventually(async () => assert.equal((await service.figures(`${queue}.dead`)).ready, 1));
    assert.deepEqual(attempts, [1, 2, 3]);
    assert.deepEqual(errors.map(String), ['Error: attempt 2', 'Error: attempt 3']);
  });

  it('has a rejected message dead-lettered at once', async () => {
    await using service = await MessagingService.open();
    await using _ = consume(service, async () => 'reject');
    await publish(service, 'a');
    await eventually(async () => assert.equal((await service.figures(`${queue}.dead`)).ready, 1));
    // The queues are counted one after the other: the settlement may stand in the one and not yet in the other.
    await eventually(async () => assert.deepEqual(await service.figures(), done));
  });

  it('runs no more handlers at once than asked, and takes no message ahead of them', async () => {
    await using service = await MessagingService.open();
    const { open, opened } = gate();
    let running = 0;
    await publish(service, 'a', 'b', 'c', 'd');
    await using _ = consume(
      service,
      async () => {
        running += 1;
        assert.ok(running <= 2);
        await opened;
        running -= 1;
        return 'ack';
      },
      { concurrency: 2 },
    );
    await eventually(() => assert.equal(running, 2));
    assert.deepEqual(await service.figures(), { ready: 2, unsettled: 2 });
    open();
    await eventually(async () => assert.deepEqual(await service.figures(), done));
  });

  it('extends the lease while the handler runs', async () => {
    await using service = await MessagingService.open();
    const attempts: number[] = [];
    await using _ = consume(
      service,
      async ({ attempt, signal }) => {
        attempts.push(attempt);
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        assert.equal(signal.aborted, false);
        return 'ack';
      },
      { leaseSeconds: 1 },
    );
    await publish(service, 'a');
    await eventually(async () => {
      assert.equal(attempts.length, 1);
      assert.deepEqual(await service.figures(), done);
    });
  });

  it('loses a message whose handler runs longer than it may, and tells the handler', async () => {
    await using service = await MessagingService.open();
    const attempts: number[] = [];
    await using _ = consume(
      service,
      async ({ attempt, signal }) => {
        attempts.push(attempt);
        if (attempt > 1) return 'ack';
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return 'ack';
      },
      { leaseSeconds: 1, maxLeaseSeconds: 0 },
    );
    await publish(service, 'a');
    await eventually(async () => {
      assert.deepEqual(attempts, [1, 2]);
      assert.deepEqual(await service.figures(), done);
    });
  });

  it('finishes what runs when it is told to stop, and takes nothing more', async () => {
    await using service = await MessagingService.open();
    const { open, opened } = gate();
    const seen: string[] = [];
    await publish(service, 'a', 'b');
    await using consumer = consume(
      service,
      async ({ message }) => {
        seen.push(message.id);
        await opened;
        return 'ack';
      },
      { concurrency: 1 },
    );
    await eventually(() => assert.deepEqual(seen, ['a']));
    consumer.abort();
    open();
    await consumer.run;
    assert.deepEqual(seen, ['a']);
    await eventually(async () => assert.deepEqual(await service.figures(), { ready: 1, unsettled: 0 }));
  });

  it('goes on after the service was away, with the handler of a stop running to its end', async () => {
    await using service = await MessagingService.open();
    const { open, opened } = gate();
    const seen: string[] = [];
    await publish(service, 'a');
    await using _ = consume(service, async ({ message }) => {
      seen.push(message.id);
      await opened;
      return 'ack';
    });
    await eventually(() => assert.deepEqual(seen, ['a']));
    const stopped = service.stop();
    open();
    await stopped;
    await service.start();
    await publish(service, 'b');
    await eventually(async () => assert.deepEqual(await service.figures(), done));
    assert.deepEqual(seen, ['a', 'b'], 'the verdict of the first stands');
  });

  it('rejects for a queue that is not there', async () => {
    await using service = await MessagingService.open();
    using consumer = createConsumer({ address: service.address });
    const { signal } = new AbortController();
    await assert.rejects(
      consumer.run('nowhere', async () => 'ack', { signal }),
      (error) => isStatusError(error) && error.status === 'NOT_FOUND',
    );
  });

  it('rejects an option out of its range, which would leave every message without a handler', async () => {
    using consumer = createConsumer({ address: '127.0.0.1:1' });
    for (const option of [
      { concurrency: 0 },
      { concurrency: 1.5 },
      { concurrency: 257 },
      { leaseSeconds: 0.5 },
      { leaseSeconds: 601 },
    ]) {
      await assert.rejects(
        consumer.run(queue, async () => 'ack', { signal: AbortSignal.timeout(1_000), ...option }),
        (error) => isStatusError(error) && error.status === 'INVALID_ARGUMENT',
      );
    }
  });

  it('ends at once when it is told to stop while there is no service', async () => {
    using consumer = createConsumer({ address: '127.0.0.1:1' });
    const abort = new AbortController();
    const run = consumer.run(queue, async () => 'ack', { signal: abort.signal });
    abort.abort();
    await run;
  });
});

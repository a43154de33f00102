/** A client that publishes to the services and consumes from them, as clients of either face do. */
import { createChannel, createClient } from '@connections/grpc';
import { createConsumer, createPublisher } from '@connections/messaging-utils';
import { wireMessagingService } from '@connections/proto-utils';
import { answerParent } from '../child/answer-parent.ts';
import type { LoadResult } from '../load/load-target.ts';

export interface DeliveryOrder {
  readonly what: 'publish' | 'consume' | 'stream';
  readonly address: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
  readonly count: number;
}

const bodyBytes = 1_000;
const batch = 256;
const batchesInFlight = 4;

answerParent<DeliveryOrder, LoadResult>(async (order) => {
  const begin = performance.now();
  if (order.what === 'publish') await publish(order);
  else if (order.what === 'consume') await consume(order);
  else await stream(order);
  return { calls: order.count, elapsedMs: performance.now() - begin };
});

async function publish({ address, exchange, routingKey, count }: DeliveryOrder): Promise<void> {
  using publisher = createPublisher({ address });
  const message = { body: bodyOf(), contentType: 'application/json' };
  let left = count;
  const worker = async () => {
    while (left > 0) {
      const size = Math.min(left, batch);
      left -= size;
      await publisher.publish(exchange, routingKey, Array(size).fill(message));
    }
  };
  await Promise.all(Array.from({ length: batchesInFlight }, worker));
}

/** What either face delivers: a request to validate a file. */
function bodyOf(): string {
  const request = { task: 'sample_validation', import_name: 'bench', file_data: '' };
  return JSON.stringify({ ...request, file_data: 'a'.repeat(bodyBytes - JSON.stringify(request).length) });
}

/** Acknowledges each message; ends when all verdicts stand. */
async function consume({ address, queue, count }: DeliveryOrder): Promise<void> {
  using consumer = createConsumer({ address });
  const enough = new AbortController();
  let seen = 0;
  const handle = async () => {
    seen++;
    if (seen >= count) enough.abort();
    return 'ack' as const;
  };
  await consumer.run(queue, handle, { signal: enough.signal, concurrency: batch });
}

async function stream({ address, count }: DeliveryOrder): Promise<void> {
  const channel = createChannel(address);
  try {
    const client = createClient(wireMessagingService, channel);
    let seen = 0;
    for await (const _ of client.streamValidationMessages({})) {
      seen++;
      if (seen >= count) return;
    }
  } finally {
    channel.close();
  }
}

/** A process that publishes numbered messages in batches, each message once, and tells what became of them. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createDirectPublisher, createPublisher, schemaRequest } from '@connections/messaging-utils';
import { report, taskOf, untilInputEnds } from './client-report.ts';
import { toldOf } from './told-of.ts';

export interface PublishingTask {
  /** Through the service, or to the broker itself with the parameters that the service hands out. */
  readonly way: 'service' | 'direct';
  readonly address: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** First part of every id. */
  readonly run: number;
  readonly batch: number;
  /** Batches under way at once. */
  readonly lanes: number;
}

const afterFailureMs = 250;

const { way, address, exchange, routingKey, run, batch, lanes } = taskOf<PublishingTask>();
const publisher = way === 'direct' ? createDirectPublisher({ address }) : createPublisher({ address });
const allowed = new EventTarget();
let next = 0;
/** The parent lets no more messages out than consumers keep up with. */
let limit = 0;
const over = untilInputEnds((line) => {
  limit = Number(line);
  allowed.dispatchEvent(new Event('more'));
});

async function lane(): Promise<void> {
  for (;;) {
    while (!over.aborted && next + batch > limit) {
      await once(allowed, 'more', { signal: over }).catch(() => {});
    }
    if (over.aborted) return;
    const first = next;
    next += batch;
    await publish(first);
  }
}

async function publish(first: number): Promise<void> {
  const messages = Array.from({ length: batch }, (_, at) =>
    schemaRequest({ id: `${run}.${first + at}`, importName: 'faults', task: 'remove_schema' }),
  );
  report('sent', run, first, batch);
  try {
    await publisher.publish(exchange, routingKey, messages);
    report('confirmed', run, first, batch);
  } catch (error) {
    const told = toldOf(error, way);
    for (const [at, { id = '' }] of messages.entries()) report(told(id), run, first + at, 1);
    await delay(afterFailureMs);
  }
}

await Promise.all(Array.from({ length: lanes }, lane));
publisher.close();

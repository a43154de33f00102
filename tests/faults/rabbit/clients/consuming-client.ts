/** A process that consumes queues through v1 and tells the id of each message before it acknowledges it. */
import { createConsumer } from '@connections/messaging-utils';
import { report, taskOf, untilInputEnds } from './client-report.ts';

export interface ConsumingTask {
  readonly address: string;
  readonly queues: readonly string[];
  /** Of each queue: messages at once, all of which are credit. */
  readonly concurrency: number;
  /** At messages whose id begins so the process dies. */
  readonly diesOf?: string;
  /** Messages whose id begins so fail each time. */
  readonly failsAt?: string;
}

const { address, queues, concurrency, diesOf, failsAt } = taskOf<ConsumingTask>();
const signal = untilInputEnds();
const consumer = createConsumer({ address });
await Promise.all(
  queues.map((queue) =>
    consumer.run(
      queue,
      async ({ message: { id }, attempt }) => {
        report('got', id, attempt);
        if (diesOf && id.startsWith(diesOf)) process.kill(process.pid, 'SIGKILL');
        return failsAt && id.startsWith(failsAt) ? 'retry' : 'ack';
      },
      { signal, concurrency },
    ),
  ),
);
consumer.close();

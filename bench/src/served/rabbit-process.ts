/** A client of RabbitMQ that goes all ways to it, so that they differ in nothing but the way. */
import { answerParent } from '../child/answer-parent.ts';
import { type BareRabbit, openBareRabbit } from './bare-rabbit.ts';
import { closedLoop, type LoopResult } from './closed-loop.ts';
import { openHandledRabbit, openPortRabbit, openServedRabbit } from './our-rabbit.ts';
import {
  type RabbitAnswer,
  type RabbitClient,
  type RabbitQuestion,
  type RabbitWay,
  rabbitBodyBytes,
} from './rabbit-ops.ts';
import { latencyAt } from './steady-rate.ts';

interface Ways extends Readonly<Record<RabbitWay, RabbitClient>> {
  readonly bare: BareRabbit;
}

const fillBatch = 250;
const body = Buffer.alloc(rabbitBodyBytes, 'x');

let ways: Ways | undefined;

answerParent<RabbitQuestion, RabbitAnswer>(async (question) => {
  if (question.ask === 'open') {
    const { broker, messaging } = question;
    ways = {
      bare: await openBareRabbit(broker),
      port: await openPortRabbit(broker),
      handlers: await openHandledRabbit(broker),
      ...openServedRabbit(messaging),
    };
    return undefined;
  }
  if (!ways) throw new Error('no broker is open');
  await ways.bare.purge();
  const client = ways[question.way];
  switch (question.ask) {
    case 'publish': {
      const { batch, inFlight, runMs } = question;
      const bodies = Array<Buffer>(batch).fill(body);
      return closedLoop({ inFlight, runMs, callsEach: batch }, () => client.publish(bodies));
    }
    case 'consume':
      return consumed(ways.port, client, question.count);
    case 'latency':
      return latencyAt(client, question);
  }
});

async function consumed(filling: RabbitClient, client: RabbitClient, count: number): Promise<LoopResult> {
  const bodies = Array<Buffer>(fillBatch).fill(body);
  for (let left = count; left > 0; left -= fillBatch) await filling.publish(bodies.slice(0, left));
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await client.consume(count, () => {});
  const elapsedMs = performance.now() - begin;
  const used = process.cpuUsage(cpu);
  return { calls: count, elapsedMs, cpuMs: (used.user + used.system) / 1_000 };
}

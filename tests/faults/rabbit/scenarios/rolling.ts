/** Two replicas are stopped in order and started again, one after the other, under unary calls and messages through the SDK. */
import { setTimeout as delay } from 'node:timers/promises';
import { createPublisher } from '@connections/messaging-utils';
import { connectMessaging } from '@connections/proto-utils';
import { type Figure, percentile } from '../../run/figure.ts';
import type { RabbitOptions } from '../rabbit-scenario.ts';
import { openRabbitWorld } from '../world/rabbit-world.ts';

export const rolling = { name: 'rolling', measure };

const callers = 8;
const pauseMs = 5;
const calmMs = 500;
/** Of each caller. */
const leastCalls = 50;
const timeoutMs = 15_000;

interface Calls {
  readonly ms: number[];
  readonly failures: unknown[];
}

async function measure({ times }: RabbitOptions): Promise<Figure> {
  await using world = await openRabbitWorld({ replicas: 2 });
  const address = world.services.map((service) => service.address).join(',');
  const clients = [connectMessaging(address), createPublisher({ address })] as const;
  const [{ messaging }, publisher] = clients;
  const calls: Calls = { ms: [], failures: [] };
  const over = new AbortController();
  try {
    const calling = Array.from({ length: callers }, (_, caller) =>
      callOn(over.signal, calls, async () => {
        if (caller % 2 === 0) await messaging.getTopology({}, { timeoutMs });
        else
          await publisher.publish('typechecking.exchange', 'schemas.update', { body: '{}' }, { timeoutMs });
      }),
    );
    await delay(calmMs);
    let restarts = 0;
    const stopMs: number[] = [];
    for (let time = 0; time < times; time++) {
      for (const service of world.services) {
        const since = performance.now();
        await service.stop();
        stopMs.push(performance.now() - since);
        await service.restart();
        restarts++;
        await delay(calmMs);
      }
    }
    over.abort();
    await Promise.all(calling);
    const { ms, failures } = calls;
    const measured = [
      `${restarts} restarts of two replicas`,
      `unary calls ${ms.length}, failed ${failures.length} (goal 0)`,
      `p50 ${percentile(ms, 0.5).toFixed(1)} ms, p99 ${percentile(ms, 0.99).toFixed(0)} ms, max ${percentile(ms, 1).toFixed(0)} ms`,
      `a replica stopped within ${Math.max(...stopMs).toFixed(0)} ms`,
    ].join('; ');
    return { measured, broken: brokenOf(calls, restarts) };
  } finally {
    for (const client of clients) client.close();
  }
}

async function callOn(over: AbortSignal, { ms, failures }: Calls, call: () => Promise<void>): Promise<void> {
  while (!over.aborted) {
    const since = performance.now();
    try {
      await call();
      ms.push(performance.now() - since);
    } catch (error) {
      failures.push(error);
    }
    await delay(pauseMs);
  }
}

function brokenOf({ ms, failures }: Calls, restarts: number): string[] {
  if (restarts === 0 || ms.length < callers * leastCalls) {
    return [`void: ${restarts} restarts under ${ms.length} calls`];
  }
  return failures.length > 0 ? [`${failures.length} calls failed: ${failures[0]}`] : [];
}

/** What watches deliveries: the metrics always, traces where the process traces. */
import type { MessageTracer, Metrics } from '@connections/runtime';
import type { DeliveryObserver } from './observed-deliveries.ts';

export function countedDeliveries(metrics: Metrics): DeliveryObserver {
  const first = metrics.counter('deliveries', { repeated: 'false' });
  const repeated = metrics.counter('deliveries', { repeated: 'true' });
  const settlements = {
    acknowledged: metrics.counter('settlements', { outcome: 'acknowledged' }),
    requeued: metrics.counter('settlements', { outcome: 'requeued' }),
    returned: metrics.counter('settlements', { outcome: 'returned' }),
    'dead-lettered': metrics.counter('settlements', { outcome: 'dead-lettered' }),
  };
  const settled = (outcome: keyof typeof settlements) => settlements[outcome].add();
  return (_, { attempt }) => {
    (attempt > 1 ? repeated : first).add();
    return settled;
  };
}

export function tracedDeliveries(tracer: MessageTracer): DeliveryObserver {
  return (queue, { attempt, message }) => tracer.delivering({ queue, attempt, headers: message.headers });
}

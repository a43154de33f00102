/** A queue with everything that the service says of it, from the several lists of its answer. */
import type { Binding, GetTopologyResponse } from '@connections/proto-utils/v1/messaging';
import { type Column, renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface QueueView {
  readonly name: string;
  readonly ready: bigint;
  readonly unsettled: bigint;
  readonly consumers: number;
  readonly deliveryLimit: number;
  /** Empty for a queue that is one itself. */
  readonly deadLetterQueue: string;
  readonly bindings: readonly Omit<Binding, 'queue'>[];
}

const figureColumns: readonly Column[] = [
  { title: 'QUEUE', whole: true },
  { title: 'READY', align: 'right' },
  { title: 'UNSETTLED', align: 'right' },
  { title: 'CONSUMERS', align: 'right' },
  { title: 'LIMIT', align: 'right' },
  { title: 'DEAD', align: 'right' },
];

const bindingColumns: readonly Column[] = [
  { title: 'EXCHANGE' },
  { title: 'ROUTING KEY' },
  { title: 'QUEUE' },
];

/** In the order of the topology. */
export function queueViews({ topology, statistics }: GetTopologyResponse): QueueView[] {
  const figures = new Map(statistics.map((entry) => [entry.queue, entry]));
  return (topology?.queues ?? []).map(({ name, deliveryLimit, deadLetterQueue }) => {
    const { ready = 0n, unsettled = 0n, consumers = 0 } = figures.get(name) ?? {};
    const bindings = (topology?.bindings ?? [])
      .filter(({ queue }) => queue === name)
      .map(({ exchange, routingKey }) => ({ exchange, routingKey }));
    return { name, ready, unsettled, consumers, deliveryLimit, deadLetterQueue, bindings };
  });
}

/**
 * The dead letters in `<queue>.dead` are counted in the row of their queue; only while someone reads them do they have
 * a row of their own.
 */
export function figureTable(
  queues: readonly QueueView[],
  terminal: Pick<Terminal, 'columns' | 'colour'>,
): string {
  const counted = new Map(
    queues.flatMap(({ name, deadLetterQueue }) => {
      const dead = queues.find((queue) => queue.name === deadLetterQueue && queue.name === `${name}.dead`);
      return dead ? [[dead.name, dead.ready] as const] : [];
    }),
  );
  const rows = queues
    .filter(({ name, unsettled, consumers }) => !counted.has(name) || unsettled > 0n || consumers > 0)
    .map(({ name, ready, unsettled, consumers, deliveryLimit, deadLetterQueue }) => [
      name,
      String(ready),
      String(unsettled),
      String(consumers),
      deliveryLimit === 0 ? '-' : String(deliveryLimit),
      String(counted.get(deadLetterQueue) ?? (deadLetterQueue || '-')),
    ]);
  return renderTable({ columns: figureColumns, rows }, terminal);
}

/** Undefined when nothing is bound. */
export function bindingTable(queues: readonly QueueView[], terminal: Terminal): string | undefined {
  const rows = queues.flatMap(({ name, bindings }) =>
    bindings.map(({ exchange, routingKey }) => [exchange, routingKey, name]),
  );
  return rows.length > 0 ? renderTable({ columns: bindingColumns, rows }, terminal) : undefined;
}

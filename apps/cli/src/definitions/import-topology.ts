/** Declares what a topology lacks of the one in a definitions file. */
import type { CallOptions, Client } from '@connections/grpc';
import type { messagingService } from '@connections/proto-utils';
import type { Topology } from '@connections/proto-utils/v1/messaging';
import { limits } from '@connections/runtime';
import { CliError, usageError } from '../cli-error.ts';
import { failedCallCode } from '../exit-codes.ts';
import { bindingKey } from './declared-topology.ts';
import type { BindingDefinition, QueueDefinition, TopologyDefinition } from './definitions-format.ts';
import type { ImportedItem } from './imported-item.ts';

export interface TopologyPlan {
  readonly items: readonly ImportedItem[];
  readonly missing: TopologyDefinition;
}

/** Throws when a name is taken by something with other properties, and for a binding to nothing. */
export function planTopology(there: Topology, wanted: TopologyDefinition): TopologyPlan {
  const exchanges = new Set(there.exchanges.map(({ name }) => name));
  const queues = new Map(there.queues.map((queue) => [queue.name, queue]));
  const bindings = new Set(there.bindings.map(bindingKey));
  refuseConflicts(queues, wanted.queues);
  refuseDangling(exchanges, queues, wanted);
  const missing = {
    exchanges: wanted.exchanges.filter(({ name }) => !exchanges.has(name)),
    queues: wanted.queues.filter(({ name }) => !queues.has(name)),
    bindings: wanted.bindings.filter((binding) => !bindings.has(bindingKey(binding))),
  };
  const items = <Definition>(
    kind: ImportedItem['kind'],
    list: readonly Definition[],
    absent: readonly Definition[],
    nameOf: (definition: Definition) => string,
  ): ImportedItem[] => {
    const created = new Set(absent);
    return list.map((definition) => ({
      kind,
      name: nameOf(definition),
      outcome: created.has(definition) ? 'created' : 'unchanged',
    }));
  };
  const named = ({ name }: { readonly name: string }) => name;
  return {
    missing,
    items: [
      ...items('exchange', wanted.exchanges, missing.exchanges, named),
      ...items('queue', wanted.queues, missing.queues, named),
      ...items('binding', wanted.bindings, missing.bindings, bindingName),
    ],
  };
}

/** A request takes so many of each: what bindings lead to is declared before them. */
export async function declareMissing(
  client: Client<typeof messagingService>,
  { namespace, missing }: { readonly namespace: string; readonly missing: TopologyDefinition },
  call: CallOptions,
): Promise<void> {
  const { exchanges, queues, bindings } = missing;
  const declare = (topology: Partial<TopologyDefinition>) =>
    client.declareTopology({ namespace, topology: topology as object }, call);
  for (const batch of batches(exchanges)) await declare({ exchanges: batch });
  for (const batch of batches(queues)) await declare({ queues: batch });
  for (const batch of batches(bindings)) await declare({ bindings: batch });
}

function refuseConflicts(
  there: ReadonlyMap<string, QueueDefinition>,
  wanted: readonly QueueDefinition[],
): void {
  const conflicts = wanted.flatMap(({ name, deliveryLimit, deadLetterQueue }) => {
    const known = there.get(name);
    // As a dead-letter queue it has none itself.
    if (!known) return there.get(deadLetterQueue)?.deadLetterQueue ? [deadLetterQueue] : [];
    const same = known.deliveryLimit === deliveryLimit && known.deadLetterQueue === deadLetterQueue;
    return same ? [] : [name];
  });
  if (conflicts.length === 0) return;
  const names =
    conflicts.slice(0, 5).join(', ') + (conflicts.length > 5 ? ` and ${conflicts.length - 5} more` : '');
  throw new CliError(
    `declared with other properties: ${conflicts.length > 1 ? 'queues' : 'queue'} ${names} (FAILED_PRECONDITION TOPOLOGY_CONFLICT)`,
    {
      hint: 'nothing was changed; take them out of the file, or import the schemas alone with --schemas',
      exitCode: failedCallCode('FAILED_PRECONDITION'),
    },
  );
}

function refuseDangling(
  exchanges: ReadonlySet<string>,
  queues: ReadonlyMap<string, unknown>,
  wanted: TopologyDefinition,
): void {
  const knownExchanges = new Set([...exchanges, ...wanted.exchanges.map(({ name }) => name)]);
  const knownQueues = new Set([
    ...queues.keys(),
    ...wanted.queues.flatMap(({ name, deadLetterQueue }) => [name, deadLetterQueue]),
  ]);
  for (const [index, { exchange, queue }] of wanted.bindings.entries()) {
    const path = `topology.bindings[${index}]`;
    const where = 'neither in the file nor in the service';
    if (!knownExchanges.has(exchange)) throw usageError(`${path}.exchange: ${exchange} is ${where}`);
    if (!knownQueues.has(queue)) throw usageError(`${path}.queue: ${queue} is ${where}`);
  }
}

function bindingName({ exchange, routingKey, queue }: BindingDefinition): string {
  return `${exchange} ${routingKey} -> ${queue}`;
}

function* batches<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let start = 0; start < items.length; start += limits.batch) {
    yield items.slice(start, start + limits.batch);
  }
}

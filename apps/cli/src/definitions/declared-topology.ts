/** A topology as it is defined: in one order, whatever the order of its declarations was. */
import type { Topology } from '@connections/proto-utils/v1/messaging';
import type { BindingDefinition, TopologyDefinition } from './definitions-format.ts';

export function declaredTopology(topology: Topology | undefined): TopologyDefinition {
  const { exchanges = [], queues = [], bindings = [] } = topology ?? {};
  return {
    exchanges: sorted(
      exchanges.map(({ name, type }) => ({ name, type })),
      ({ name }) => name,
    ),
    queues: sorted(
      queues
        // Made by the service for another queue, with which it comes again.
        .filter(({ deadLetterQueue }) => deadLetterQueue !== '')
        .map(({ name, deliveryLimit, deadLetterQueue }) => ({ name, deliveryLimit, deadLetterQueue })),
      ({ name }) => name,
    ),
    bindings: sorted(
      bindings.map(({ exchange, routingKey, queue }) => ({ exchange, routingKey, queue })),
      bindingKey,
    ),
  };
}

/** No name has a control character in it, so that no two bindings have one key. */
export function bindingKey({ exchange, routingKey, queue }: BindingDefinition): string {
  return [exchange, routingKey, queue].join('\0');
}

function sorted<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

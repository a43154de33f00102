/** Whether the topology of a definitions file is one that can be declared. */
import { limits } from '@connections/runtime';
import type { RequestCheck } from '@connections/runtime/errors';
import { bindingKey } from './declared-topology.ts';
import type { QueueDefinition, TopologyDefinition } from './definitions-format.ts';
import type { JsonShape } from './json-shape.ts';

const maxDeliveryLimit = 1_000;

export function checkTopology(json: unknown, check: RequestCheck, shape: JsonShape): TopologyDefinition {
  const lists = shape.object('topology', json, ['exchanges', 'queues', 'bindings']);
  const each = <Item>(list: keyof typeof lists, read: (path: string, item: unknown) => Item): Item[] =>
    shape
      .list(`topology.${list}`, lists[list])
      .map((item, index) => read(`topology.${list}[${index}]`, item));
  const name = (path: string, value: unknown) => shape.name(path, value, limits.keyBytes);
  const topology = {
    exchanges: each('exchanges', (path, item) => {
      const { name: given, type } = shape.object(path, item, ['name', 'type']);
      if (shape.text(`${path}.type`, type) !== 'topic') check.add(`${path}.type`, 'must be topic');
      return { name: name(`${path}.name`, given), type: 'topic' };
    }),
    queues: each('queues', (path, item) => {
      const fields = shape.object(path, item, ['name', 'deliveryLimit', 'deadLetterQueue']);
      return {
        name: name(`${path}.name`, fields.name),
        deliveryLimit: shape.whole(`${path}.deliveryLimit`, fields.deliveryLimit, [1, maxDeliveryLimit]),
        deadLetterQueue: name(`${path}.deadLetterQueue`, fields.deadLetterQueue),
      };
    }),
    bindings: each('bindings', (path, item) => {
      const { exchange, routingKey, queue } = shape.object(path, item, ['exchange', 'routingKey', 'queue']);
      const key = shape.text(`${path}.routingKey`, routingKey);
      check.label(`${path}.routingKey`, key, limits.keyBytes);
      return {
        exchange: name(`${path}.exchange`, exchange),
        routingKey: key,
        queue: name(`${path}.queue`, queue),
      };
    }),
  };
  const { exchanges, queues, bindings } = topology;
  checkTwice(
    'topology.exchanges',
    exchanges.map(({ name }) => name),
    check,
  );
  checkTwice(
    'topology.queues',
    queues.map(({ name }) => name),
    check,
  );
  checkTwice('topology.bindings', bindings.map(bindingKey), check);
  checkDeadLetters(queues, check);
  return topology;
}

function checkTwice(path: string, keys: readonly string[], check: RequestCheck): void {
  const known = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (known.has(key)) check.add(`${path}[${index}]`, 'is there twice');
    known.add(key);
  }
}

/** A dead-letter queue has none itself: it is not among the queues of the file. */
function checkDeadLetters(queues: readonly QueueDefinition[], check: RequestCheck): void {
  const names = new Set(queues.map(({ name }) => name));
  for (const [index, { deadLetterQueue }] of queues.entries()) {
    if (names.has(deadLetterQueue)) {
      check.add(`topology.queues[${index}].deadLetterQueue`, 'is a queue with dead letters of its own');
    }
  }
}

/** Which queues a message of one namespace goes to. */
import { hasWildcard, topicMatches, topicWords } from '../../domain/topic-pattern.ts';
import type { Topology } from '../../port/broker.ts';

interface ExchangeRoutes<Target> {
  /** By routing key: bindings without wildcards. */
  readonly exact: Map<string, Target[]>;
  readonly patterns: { readonly pattern: readonly string[]; readonly target: Target }[];
}

/** Holds one entry for each binding, whose number the broker bounds. */
export class RoutingTable<Target> {
  readonly #exchanges = new Map<string, ExchangeRoutes<Target>>();
  readonly #queues: ReadonlyMap<string, Target>;

  constructor({ exchanges, bindings }: Topology, queues: ReadonlyMap<string, Target>) {
    this.#queues = queues;
    for (const { name } of exchanges) this.#exchanges.set(name, { exact: new Map(), patterns: [] });
    for (const { exchange, queue, routingKey } of bindings) {
      const routes = this.#exchanges.get(exchange);
      const target = queues.get(queue);
      if (routes && target) addRoute(routes, routingKey, target);
    }
  }

  /** Each queue once, however many bindings match; undefined when there is no such exchange. */
  route(exchange: string, routingKey: string): readonly Target[] | undefined {
    if (exchange === '') {
      const target = this.#queues.get(routingKey);
      return target ? [target] : [];
    }
    const routes = this.#exchanges.get(exchange);
    if (!routes) return undefined;
    const targets = new Set(routes.exact.get(routingKey));
    const words = topicWords(routingKey);
    for (const { pattern, target } of routes.patterns) {
      if (!targets.has(target) && topicMatches(pattern, words)) targets.add(target);
    }
    return [...targets];
  }
}

function addRoute<Target>(routes: ExchangeRoutes<Target>, routingKey: string, target: Target): void {
  const pattern = topicWords(routingKey);
  if (hasWildcard(pattern)) {
    routes.patterns.push({ pattern, target });
    return;
  }
  const targets = routes.exact.get(routingKey);
  if (targets) targets.push(target);
  else routes.exact.set(routingKey, [target]);
}

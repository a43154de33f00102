/** Faults of the network between our process and both stores. */
import type { FaultProxy } from '@connections/testing';
import type { Scenario } from '../scenario.ts';
import type { FaultWorld } from '../world/fault-world.ts';

/** In each direction. */
const delayMs = 100;

function onBothProxies(act: (proxy: FaultProxy) => void) {
  return ({ stores }: FaultWorld) => {
    for (const { proxy } of Object.values(stores)) act(proxy);
  };
}

const heal = onBothProxies((proxy) => proxy.heal());

export const networkBlackhole: Scenario = {
  name: 'network-blackhole',
  breaks: ['redis', 'mongo'],
  inject: onBothProxies((proxy) => proxy.blackHole()),
  heal,
};

export const networkReset: Scenario = {
  name: 'network-reset',
  breaks: ['redis', 'mongo'],
  inject: onBothProxies((proxy) => proxy.reset()),
  heal,
};

export const networkLatency: Scenario = {
  name: 'network-latency',
  breaks: [],
  slowerMs: 2 * delayMs,
  inject: onBothProxies((proxy) => proxy.delay(delayMs)),
  heal,
};

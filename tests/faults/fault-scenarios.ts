/** Every scenario, in the order in which they run. */
import type { Scenario } from './scenario.ts';
import { networkBlackhole, networkLatency, networkReset } from './scenarios/network-scenarios.ts';
import { serviceFreeze, serviceKill } from './scenarios/service-scenarios.ts';
import { mongoFreeze, mongoKill, redisFreeze, redisKill, storesFreeze } from './scenarios/store-scenarios.ts';

export const faultScenarios: readonly Scenario[] = [
  redisKill,
  redisFreeze,
  mongoKill,
  mongoFreeze,
  storesFreeze,
  serviceKill,
  serviceFreeze,
  networkBlackhole,
  networkReset,
  networkLatency,
];

/** Every fault of RabbitMQ, in the order in which they run. */
import type { RabbitScenario } from './rabbit-scenario.ts';
import { clientKills } from './scenarios/client-kills.ts';
import { frozen } from './scenarios/frozen.ts';
import { poison } from './scenarios/poison.ts';
import { rolling } from './scenarios/rolling.ts';
import { rounds } from './scenarios/rounds.ts';
import { stalled } from './scenarios/stalled.ts';

export const rabbitScenarios: readonly RabbitScenario[] = [
  rounds,
  frozen,
  stalled,
  poison,
  rolling,
  clientKills,
];

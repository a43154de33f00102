/** Faults of our own process: killed under load and started again; frozen, while a second one serves on. */
import type { Scenario } from '../scenario.ts';

export const serviceKill: Scenario = {
  name: 'service-kill',
  breaks: [],
  process: 0,
  inject: async ({ services }) => services[0]?.kill(),
  heal: async ({ services }) => services[0]?.restart(),
};

export const serviceFreeze: Scenario = {
  name: 'service-freeze',
  breaks: [],
  processes: 2,
  process: 0,
  clientMs: 2_000,
  inject: ({ services }) => services[0]?.signal('SIGSTOP'),
  heal: ({ services }) => services[0]?.signal('SIGCONT'),
};

/** Which generator makes the load of equal calls. */
import { h2load, h2loadVersion } from './h2load.ts';
import type { LoadGenerator } from './load-target.ts';
import { ownLoad } from './own-load.ts';

export type LoadChoice = 'auto' | 'h2load' | 'own';

export interface ChosenLoad {
  /** For the results. */
  readonly name: string;
  readonly generator: LoadGenerator;
}

export function chooseLoad(choice: LoadChoice): ChosenLoad {
  const version = choice === 'own' ? undefined : h2loadVersion();
  if (version !== undefined) return { name: version, generator: h2load() };
  if (choice === 'h2load') throw new Error('BENCH_LOAD is h2load, which is not installed');
  return { name: 'own (node:net)', generator: ownLoad() };
}

/** Looks for a run that fails: fast-check draws the seeds, a seed makes the run, and a failing one is cut down. */
import fc from 'fast-check';
import { Choices } from './choices.ts';
import { ModelRun, type RunPlan, type RunTally } from './model-run.ts';
import type { Mutant } from './mutants.ts';
import { forecast } from './weather.ts';

export interface Search {
  readonly runs: number;
  readonly tally: RunTally;
  readonly found: { readonly seed: number; readonly broken: string } | undefined;
}

export interface SearchOptions {
  readonly mutant: Omit<Mutant, 'name' | 'rule'>;
  readonly runs: number;
  /** Equal seeds make equal searches. */
  readonly seed: number;
}

export async function search({ mutant, runs, seed }: SearchOptions): Promise<Search> {
  // A rejection is no rarity here, and nobody reads its stack.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const tally: Record<string, number> = {};
  let made = 0;
  let found: Search['found'];
  const property = fc.asyncProperty(fc.noBias(fc.integer({ min: 1, max: 2 ** 31 - 1 })), async (drawn) => {
    const result = await new ModelRun(Choices.ofSeed(drawn), planOf(mutant, drawn)).run();
    made++;
    for (const [name, count] of Object.entries(result.tally)) tally[name] = (tally[name] ?? 0) + count;
    if (result.broken) found = { seed: drawn, broken: result.broken };
    return result.broken === undefined;
  });
  await fc.check(property, { seed, numRuns: runs, endOnFailure: true });
  Error.stackTraceLimit = stackTraceLimit;
  return { runs: made, tally: tally as unknown as RunTally, found };
}

export function planOf({ mutation, weather, length }: SearchOptions['mutant'], seed: number): RunPlan {
  const usual = forecast(seed);
  return { mutation, weather: weather ?? usual.weather, length: length ?? usual.length };
}

/** What happens in a failing run that has as few choices in it as can be found within the time. */
export async function shortest(plan: RunPlan, seed: number, limitMs: number): Promise<readonly string[]> {
  const first = Choices.ofSeed(seed);
  const { broken } = await new ModelRun(first, plan).run();
  const fails = async (tape: readonly number[]) =>
    (await new ModelRun(Choices.ofTape(tape), plan).run()).broken === broken;
  let tape: readonly number[] = first.made;
  const until = performance.now() + limitMs;
  for (let size = tape.length; size >= 1 && performance.now() < until; size = Math.floor(size / 2)) {
    for (let at = 0; at < tape.length && performance.now() < until; at += size) {
      const plainer = tape.map((choice, index) => (index >= at && index < at + size ? 0 : choice));
      if (plainer.some((choice, index) => choice !== tape[index]) && (await fails(plainer))) tape = plainer;
    }
  }
  const run = new ModelRun(Choices.ofTape(tape), plan);
  const { story } = run;
  await run.run();
  return [...story, broken ?? 'it does not fail'];
}

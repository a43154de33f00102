/** `npm run fuzz:grpc -- --seed N --runs M`, and at length, on every core, `npm run nightly:grpc-fuzz`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { fuzzSaboteurs } from './fuzz-saboteurs.ts';
import { type FuzzFinding, fuzzSearch } from './fuzz-search.ts';

const nightlyRuns = 1_000_000;
const partRuns = 5_000;
const saboteurRuns = 20_000;
const saboteurHangMs = 2_000;
const seedsBits = 30;

/** Returns the exit code. */
export async function fuzzCommand(args: readonly string[], defaultRuns = 20_000): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { seed: { type: 'string' }, runs: { type: 'string' } },
  });
  const runs = Number(values.runs ?? (values.seed === undefined ? defaultRuns : 1));
  const seed = Number(values.seed ?? Date.now() % 2 ** seedsBits);
  console.log(`seed ${seed}, ${runs} runs`);
  const start = performance.now();
  const finding = await searchInParts(seed, runs);
  console.log(finding ? printedFinding(finding) : 'nothing found');
  console.log(`${((performance.now() - start) / 1_000).toFixed(1)} s`);
  return finding ? 1 : 0;
}

/** A million runs, then every saboteur, whom they have to find. Returns the exit code. */
export async function nightlyFuzz(args: readonly string[]): Promise<number> {
  const code = await fuzzCommand(args, nightlyRuns);
  let missed = 0;
  for (const { breaks } of fuzzSaboteurs) {
    const { finding } = await fuzzSearch(1, saboteurRuns, breaks, saboteurHangMs);
    console.log(`broken: ${breaks}: ${finding ? `found with seed ${finding.seed}` : 'NOT FOUND'}`);
    if (!finding) missed++;
  }
  return code !== 0 || missed > 0 ? 1 : 0;
}

export function printedFinding({ seed, violations }: FuzzFinding): string {
  return [`seed ${seed}:`, ...violations, `again: npm run fuzz:grpc -- --seed ${seed}`].join('\n  ');
}

async function searchInParts(seed: number, runs: number): Promise<FuzzFinding | undefined> {
  let next = 0;
  let first: FuzzFinding | undefined;
  const thread = async () => {
    while (next < runs && !first) {
      const from = next;
      next += partRuns;
      const { finding } = await fuzzSearch(seed + from, Math.min(partRuns, runs - from));
      first ??= finding;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, thread));
  return first;
}

/** The model at length, on every core: `npm run nightly:dual-store [runs] [seed]`, or `replay <seed>` for one run's story. */
import { planOf, shortest } from './failing-run.ts';
import { mutantOf, mutants, protocol } from './mutants.ts';
import { printedSearch, printedStory } from './printed-search.ts';
import { SearchThreads } from './search-threads.ts';

const defaultRuns = 1_000_000;
const partRuns = 10_000;
const mutantRuns = 20_000;
const replayMs = 120_000;

/** Returns the exit code. */
export async function nightly(args: readonly string[]): Promise<number> {
  if (args[0] === 'replay') {
    const seed = Number(args[1]);
    const story = await shortest(planOf(mutantOf(protocol), seed), seed, replayMs);
    console.log(story.join('\n'));
    return 0;
  }
  const runs = Number(args[0] ?? defaultRuns);
  const seed = Number(args[1] ?? Date.now() % 2 ** 30);
  await using threads = new SearchThreads();
  console.log(`seed ${seed}`);
  const found = await threads.searchInParts({ name: protocol, runs, seed }, partRuns);
  console.log(printedSearch(protocol, found));
  const story = await printedStory(mutantOf(protocol), found);
  if (story) console.log(story);
  const searches = mutants.map(
    async ({ name }) => [name, await threads.search({ name, runs: mutantRuns, seed })] as const,
  );
  const caught = await Promise.all(searches);
  for (const [name, search] of caught) console.log(printedSearch(name, search));
  return found.found || caught.some(([, search]) => !search.found) ? 1 : 0;
}

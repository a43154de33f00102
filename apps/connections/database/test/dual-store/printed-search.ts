/** A search as one line, and a failing run as the story that it tells. */
import { planOf, type Search, type SearchOptions, shortest } from './failing-run.ts';

/** For cutting a failing run down. */
const cuttingMs = 20_000;

export function printedSearch(name: string, { runs, tally, found }: Search): string {
  const failing = found ? `failing after ${runs} (seed ${found.seed}): ${found.broken}` : 'failing 0';
  return `${name} | runs ${runs} | ${failing} | ${JSON.stringify(tally)}`;
}

/** Undefined when nothing was found. */
export async function printedStory(
  mutant: SearchOptions['mutant'],
  { found }: Search,
): Promise<string | undefined> {
  if (!found) return undefined;
  const story = await shortest(planOf(mutant, found.seed), found.seed, cuttingMs);
  return `seed ${found.seed}: ${found.broken}\n${story.join('\n')}`;
}

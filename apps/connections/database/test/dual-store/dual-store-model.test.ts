/** The dual store on modelled stores: every await interleaved, every fault, and every rule taken away once. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { mutantOf, mutants, protocol } from './mutants.ts';
import { printedSearch, printedStory } from './printed-search.ts';
import { SearchThreads } from './search-threads.ts';

/** Equal in every run of the suite, so that what fails fails again; the nightly command draws its own. */
const seed = 7;
const runs = 24_000;
const partRuns = 2_000;
/** Each mutant is found within these; most within a tenth. */
const mutantRuns = 10_000;
/** A search that met too little is void. */
const least = { durable: 200_000, buffered: 18_000, unknown: 12_000, conflicts: 8_000, checked: 90_000 };

describe('the dual store, interleaved at every await', () => {
  const threads = new SearchThreads();
  after(() => threads[Symbol.asyncDispose]());
  // All at once: the threads are busy from the first to the last.
  const whole = threads.searchInParts({ name: protocol, runs, seed }, partRuns);
  const searches = new Map(
    mutants.map(({ name }) => [name, threads.search({ name, runs: mutantRuns, seed })] as const),
  );

  it('keeps its invariants', async (t) => {
    const found = await whole;
    t.diagnostic(printedSearch(protocol, found));
    assert.equal(await printedStory(mutantOf(protocol), found), undefined);
    for (const [name, count] of Object.entries(least)) {
      assert.ok(found.tally[name as keyof typeof least] >= count, `only ${JSON.stringify(found.tally)}`);
    }
  });

  for (const [name, searched] of searches) {
    it(`shows it when ${name} (rule ${mutantOf(name).rule})`, async (t) => {
      const found = await searched;
      t.diagnostic(printedSearch(name, found));
      assert.ok(found.found, `not in ${mutantRuns} runs`);
    });
  }
});

/** The transport under 20 000 fuzzed sessions, and that the fuzzer finds what is broken. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { printedFinding } from './fuzz-command.ts';
import { fuzzSaboteurs } from './fuzz-saboteurs.ts';
import { fuzzSearch } from './fuzz-search.ts';

const runs = 20_000;
const saboteurRuns = 5_000;
const saboteurHangMs = 2_000;

describe('the fuzzer of the transport', () => {
  it(`finds nothing in ${runs} runs`, async (test) => {
    const seed = Date.now() % 2 ** 30;
    test.diagnostic(`seed ${seed}`);
    const { finding, heapBytes } = await fuzzSearch(seed, runs);
    test.diagnostic(`heap of ${(heapBytes / 1_048_576).toFixed(0)} MiB at the end`);
    assert.equal(finding, undefined, finding && printedFinding(finding));
  });

  for (const { breaks } of fuzzSaboteurs) {
    it(`finds it when it is broken that ${breaks}`, async () => {
      const { finding } = await fuzzSearch(1, saboteurRuns, breaks, saboteurHangMs);
      assert.ok(finding);
    });
  }
});

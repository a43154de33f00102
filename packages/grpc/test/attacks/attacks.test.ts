/** Attacks on our own server and channel: how each ends, what it costs, and that a neighbour is served all the while. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxGrowthBytes, reportLine } from './attack-table.ts';
import { attacked } from './attacked.ts';
import { attacks } from './attacks.ts';

describe('a process under attack', () => {
  for (const attack of attacks) {
    it(`stands ${attack.name}`, async (test) => {
      const report = await attacked(attack);
      // Time on a machine that others use decides nothing; it is for the reader.
      test.diagnostic(reportLine(attack.name, report));
      assert.equal(report.ended, attack.ends);
      assert.equal(report.neighbourFailures, 0);
      assert.ok(report.peakGrowthBytes <= maxGrowthBytes, `${report.peakGrowthBytes} bytes more`);
    });
  }
});

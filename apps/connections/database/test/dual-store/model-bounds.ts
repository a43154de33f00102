/** The bounds of a small world in which little time passes. */
import type { DualBounds } from '../../src/dual-store/dual-bounds.ts';

export const modelBounds: DualBounds = {
  viewMs: 20,
  ledgerMs: 60,
  scanMs: 200,
  commitMs: 60,
  commitsPerTask: 1,
  tellMs: 5,
  leaseMs: 150,
  leaseWaitMs: 15,
  appendMs: 60,
  operationsPerTask: 6,
  appendTries: 4,
  settleTries: 4,
  blindMaxAgeMs: 150,
  drainsAtOnce: 2,
  dirtyPage: 2,
  pollMs: 120,
  claimMs: 400,
  sampleShare: 0,
  sampleAgesMs: [100, 500],
  samplesAtOnce: 2,
};

/** How long, how often and how much, as data. */

export interface DualBounds {
  /** What one call to a store is waited for, and one that goes through many tasks. */
  readonly viewMs: number;
  readonly ledgerMs: number;
  readonly scanMs: number;
  /** Rule 1: a commit that was under way this long does nothing any more. */
  readonly commitMs: number;
  /** Commits of one task that one process has under way; their time begins when they have. */
  readonly commitsPerTask: number;
  /** Rule 3: what a write waits for the view to be told. */
  readonly tellMs: number;
  /** Rule 5. */
  readonly leaseMs: number;
  /** Rule 5: what a miss waits for the one who fills. */
  readonly leaseWaitMs: number;
  /** Rule 7: an append that was under way this long does nothing any more. */
  readonly appendMs: number;
  /** Rule 7. */
  readonly operationsPerTask: number;
  /** How often an append is made anew on an entry that changed meanwhile. */
  readonly appendTries: number;
  /** Rule 8. */
  readonly settleTries: number;
  /** Rule 8: well below the time that a removal is remembered. */
  readonly blindMaxAgeMs: number;
  /** Rule 8: tasks that one process brings home at a time. */
  readonly drainsAtOnce: number;
  /** Rule 8: tasks that one look at the dirty keys asks for. */
  readonly dirtyPage: number;
  /** How often the tailer and the drainer look again. */
  readonly pollMs: number;
  /** Rule 4: after this long without a sign of who tails a partition another takes it. */
  readonly claimMs: number;
  /** Of the durable writes, those after which view and ledger are compared, and how long after. */
  readonly sampleShare: number;
  readonly sampleAgesMs: readonly number[];
  readonly samplesAtOnce: number;
}

const dualBounds: Omit<DualBounds, 'ledgerMs' | 'commitMs'> = {
  viewMs: 100,
  scanMs: 4_000,
  commitsPerTask: 4,
  tellMs: 100,
  leaseMs: 2_000,
  leaseWaitMs: 50,
  appendMs: 500,
  operationsPerTask: 64,
  appendTries: 8,
  settleTries: 4,
  blindMaxAgeMs: 43_200_000,
  drainsAtOnce: 8,
  dirtyPage: 256,
  pollMs: 1_000,
  claimMs: 5_000,
  sampleShare: 0.001,
  sampleAgesMs: [1_000, 5_000, 60_000],
  samplesAtOnce: 256,
};

/** What a commit ends before whoever waits for the ledger gives up, so that its outcome is known by then. */
const graceMs = 100;

/** `waitMs`: how long the ledger is waited for before it is taken for away. */
export function boundsFor(waitMs: number): DualBounds {
  return { ...dualBounds, ledgerMs: waitMs, commitMs: waitMs - graceMs };
}

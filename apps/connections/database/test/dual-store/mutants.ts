/** The rules taken away one by one: each makes the model fail, or the model would not notice when we lose it. */
import type { DualStores } from '../../src/dual-store/dual-stores.ts';
import { foldedTask } from '../../src/dual-store/folded-task.ts';
import { homecoming } from '../../src/dual-store/homecoming.ts';
import { type RunLength, shortEpochs, type Weather, weathers } from './weather.ts';

/** Switches of the modelled stores, and a step of ours with another in its place. */
export interface Mutation {
  readonly lateAppends?: boolean;
  readonly lateCommits?: boolean;
  readonly noRing?: boolean;
  readonly checkpointOutside?: boolean;
  readonly missIsNotFound?: boolean;
  readonly fillWithoutLease?: boolean;
  readonly tellInserts?: boolean;
  readonly tellReplacesBlindly?: boolean;
  readonly tellReplacesBuffered?: boolean;
  readonly oneIncarnation?: boolean;
  readonly evictBuffered?: boolean;
  readonly noRemovals?: boolean;
  readonly eventKeepsLease?: boolean;
  readonly foreignIsOurs?: boolean;
  readonly advanceBlindly?: boolean;
  readonly keepHistoryLost?: boolean;
  readonly staleFills?: boolean;
  readonly dropBlindly?: boolean;
  readonly appendBlindly?: boolean;
  readonly settleBlindly?: boolean;
  readonly settleUnverified?: boolean;
  readonly settleWithoutRing?: boolean;
  readonly settleByMark?: boolean;
  readonly loseConflicts?: boolean;
  readonly blindMaxAgeMs?: number;
  readonly decide?: DualStores['decide'];
}

export interface Mutant {
  readonly name: string;
  readonly rule: number;
  readonly mutation: Mutation;
  /** Where it shows soonest; any, where absent. */
  readonly weather?: Weather;
  readonly length?: RunLength;
}

export const protocol = 'PROTOCOL';

/** The mutants of the first model, dualstore-sim.js, by its names; then those that came with this one. */
export const mutants: readonly Mutant[] = [
  {
    name: 'late scripts still run',
    rule: 7,
    mutation: { lateAppends: true },
    weather: weathers.stuck,
    length: shortEpochs,
  },
  { name: 'a buffer is applied without comparing', rule: 8, mutation: { decide: alwaysApply } },
  { name: 'no ring of request ids in the document', rule: 1, mutation: { noRing: true } },
  {
    name: 'the checkpoint is outside the view',
    rule: 4,
    mutation: { checkpointOutside: true },
    weather: weathers.forgetful,
    length: shortEpochs,
  },
  { name: 'a miss is NOT_FOUND while the ledger is away', rule: 9, mutation: { missIsNotFound: true } },
  { name: 'a fill without a lease', rule: 5, mutation: { fillWithoutLease: true } },
  { name: 'a writer inserts into the view', rule: 6, mutation: { tellInserts: true } },
  {
    name: 'a writer replaces without comparing',
    rule: 3,
    mutation: { tellReplacesBlindly: true },
    weather: weathers.stuck,
    length: shortEpochs,
  },
  { name: 'incarnations are ignored', rule: 3, mutation: { oneIncarnation: true } },
  { name: 'buffered entries can be evicted', rule: 7, mutation: { evictBuffered: true } },
  { name: 'a removal leaves no tombstone', rule: 2, mutation: { noRemovals: true }, weather: weathers.apart },
  {
    name: 'old blind puts come home',
    rule: 8,
    mutation: { blindMaxAgeMs: Number.POSITIVE_INFINITY },
    weather: weathers.apart,
  },
  { name: 'late commits still happen', rule: 1, mutation: { lateCommits: true }, weather: weathers.stuck },
  { name: 'a writer replaces a buffered entry', rule: 3, mutation: { tellReplacesBuffered: true } },
  {
    name: 'an event leaves the lease',
    rule: 4,
    mutation: { eventKeepsLease: true },
    length: shortEpochs,
  },
  { name: 'a foreign write is taken for ours', rule: 4, mutation: { foreignIsOurs: true } },
  {
    name: 'a step of the tailer does not compare checkpoints',
    rule: 4,
    mutation: { advanceBlindly: true },
    weather: weathers.forgetful,
    length: shortEpochs,
  },
  { name: 'lost history is not forgotten', rule: 4, mutation: { keepHistoryLost: true } },
  { name: 'a fill is older than the checkpoint', rule: 5, mutation: { staleFills: true } },
  { name: 'an append does not compare the entry', rule: 7, mutation: { appendBlindly: true } },
  { name: 'a buffer is dropped though it has grown', rule: 8, mutation: { dropBlindly: true } },
  { name: 'a buffer is settled on whatever is there', rule: 8, mutation: { settleBlindly: true } },
  {
    name: 'a blind put does not look for removals again',
    rule: 8,
    mutation: { settleUnverified: true },
    weather: weathers.bare,
    length: shortEpochs,
  },
  { name: 'what came home is not in the ring', rule: 8, mutation: { settleWithoutRing: true } },
  {
    name: 'what came home is in the ring by its buffer alone',
    rule: 8,
    mutation: { settleByMark: true },
  },
  {
    name: 'a blind put that finds its equal is made again',
    rule: 8,
    mutation: { decide: repeatEqual },
    weather: weathers.stuck,
  },
  { name: 'a conflict is not written down', rule: 8, mutation: { loseConflicts: true } },
];

/** The protocol itself by its own name. */
export function mutantOf(name: string): Mutant {
  const found = mutants.find((mutant) => mutant.name === name);
  if (!found && name !== protocol) throw new Error(`no mutant is called ${name}`);
  return found ?? { name, rule: 0, mutation: {} };
}

/** The operations are folded onto the task as it is, whoever wrote it. */
function alwaysApply(...[ref, { operations }, { record, removal }]: Parameters<DualStores['decide']>) {
  let task = record?.task;
  let revision = task?.revision ?? 0;
  for (const { operation, at } of operations) {
    revision++;
    if (operation.kind === 'patch' && !task) continue;
    task = foldedTask(ref, task, operation, { incarnation: '', revision, now: at });
  }
  const on = record ? { stamp: record.task } : { removal: removal?.id };
  const made = operations.map(({ mark, operation }) => ({ requestId: operation.requestId, mark }));
  return { outcome: 'SETTLE', settlement: { on, task, transitions: [], operations: made } } as const;
}

/** All of the buffer counts as new, though the ring may have some of it. */
function repeatEqual(...all: Parameters<DualStores['decide']>) {
  const home = homecoming(...all);
  const [, { base, operations }, { record }] = all;
  if (home.outcome !== 'SETTLE' || base || !record) return home;
  const made = operations.map(({ mark, operation }) => ({ requestId: operation.requestId, mark }));
  return { ...home, settlement: { ...home.settlement, operations: made } };
}

/** What is promised of faults, and what makes a run worth nothing. */
import { limits } from '@connections/runtime';

export const promised = {
  /** A call to a store that does not answer: its budget is counted in ticks, and the answer has a way to go. */
  firstAnswerMs: limits.storeCallMs + 250,
  /** What the 99th percentile of calls to a store that is known to be away takes more than that of calls that need none. */
  refusalMs: 20,
  /** Until everything serves again. */
  healedMs: 5_000,
  attemptsPerSecond: 2,
  /** Of the peak of resident memory in the second half of a run over that in the first: a heap is a minute old when it is full. */
  grownMiB: 64,
} as const;

/** Acknowledged writes. */
export const leastTraffic = 100;
/** For what has to happen before a run can go on: it decides nothing but that the run fails. */
export const patienceMs = 60_000;

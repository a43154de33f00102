/** Looks for a run that fails, in a thread that may hang or die without taking the rest along. */
import { Worker } from 'node:worker_threads';

export interface FuzzOrder {
  /** Of the first run; the next has the next. */
  readonly seed: number;
  readonly runs: number;
  /** What the saboteur breaks, or undefined. */
  readonly sabotage: string | undefined;
  /** The run that the thread is at. */
  readonly progress: SharedArrayBuffer;
}

export interface FuzzFinding {
  readonly seed: number;
  readonly violations: readonly string[];
}

export interface FuzzOutcome {
  readonly finding: FuzzFinding | undefined;
  readonly heapBytes: number;
}

/** A run takes a millisecond or a few. */
const longestRunMs = 20_000;
/** Of the thread: what a run leaves behind adds up until it fails. */
const maxOldGenerationSizeMb = 128;

export function fuzzSearch(
  seed: number,
  runs: number,
  sabotage?: string,
  hangMs = longestRunMs,
): Promise<FuzzOutcome> {
  const progress = new SharedArrayBuffer(4);
  const at = new Int32Array(progress);
  const worker = new Worker(new URL('fuzz-worker.js', import.meta.url), {
    workerData: { seed, runs, sabotage, progress } satisfies FuzzOrder,
    resourceLimits: { maxOldGenerationSizeMb },
  });
  return new Promise((resolve) => {
    let before = -1;
    const found = (violation: string) =>
      settle({ finding: { seed: seed + Atomics.load(at, 0), violations: [violation] }, heapBytes: 0 });
    const watch = setInterval(() => {
      const now = Atomics.load(at, 0);
      if (now === before) found('hangs');
      before = now;
    }, hangMs);
    const settle = (outcome: FuzzOutcome) => {
      clearInterval(watch);
      void worker.terminate();
      resolve(outcome);
    };
    worker.once('message', settle);
    worker.once('error', (error) => found(`ended the thread: ${error.stack}`));
  });
}

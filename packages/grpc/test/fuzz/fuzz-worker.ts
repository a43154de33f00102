/** A thread that carries out runs of the fuzzer one after the other: started by fuzz-search.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { Chance } from './fuzz-chance.ts';
import { fuzzRun } from './fuzz-run.ts';
import { fuzzSaboteurs } from './fuzz-saboteurs.ts';
import type { FuzzFinding, FuzzOrder } from './fuzz-search.ts';
import { recordedSessions } from './recorded-sessions.ts';

const { seed, runs, sabotage, progress } = workerData as FuzzOrder;
const recorded = recordedSessions();
const escaped: string[] = [];
process.on('uncaughtException', (error) => escaped.push(`uncaught: ${error.stack}`));
process.on('unhandledRejection', (reason) =>
  escaped.push(`unhandled rejection: ${reason instanceof Error ? reason.stack : reason}`),
);
fuzzSaboteurs.find(({ breaks }) => breaks === sabotage)?.strike();

const done = new Int32Array(progress);
let finding: FuzzFinding | undefined;
for (let run = 0; run < runs && !finding; run++) {
  Atomics.store(done, 0, run);
  const violations = await fuzzRun(new Chance(seed + run), recorded).catch((error: Error) => [
    `threw: ${error.stack}`,
  ]);
  violations.push(...escaped.splice(0));
  if (violations.length > 0) finding = { seed: seed + run, violations };
}
parentPort?.postMessage({ finding, heapBytes: process.memoryUsage().heapUsed });

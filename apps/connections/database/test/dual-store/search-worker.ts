/** A thread that searches: the test runner watches every promise of its own threads, which makes a run five times as long. */
import { parentPort } from 'node:worker_threads';
import { search } from './failing-run.ts';
import { mutantOf } from './mutants.ts';

/** What a search is asked for, without what cannot be sent: the mutant by its name. */
export interface SearchRequest {
  readonly name: string;
  readonly runs: number;
  readonly seed: number;
}

parentPort?.on('message', async ({ name, runs, seed }: SearchRequest) => {
  parentPort?.postMessage(await search({ mutant: mutantOf(name), runs, seed }));
});

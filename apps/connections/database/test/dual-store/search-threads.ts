/** Searches on all cores: each thread takes the next that waits. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Search } from './failing-run.ts';
import type { SearchRequest } from './search-worker.ts';

interface Waiting {
  readonly request: SearchRequest;
  readonly resolve: (search: Search) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  current: Waiting | undefined;
}

export class SearchThreads implements AsyncDisposable {
  readonly #waiting: Waiting[] = [];
  readonly #threads: readonly Thread[];

  constructor() {
    const url = new URL('search-worker.js', import.meta.url);
    this.#threads = Array.from({ length: availableParallelism() }, () => this.#start(new Worker(url)));
  }

  search(request: SearchRequest): Promise<Search> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#next();
    });
  }

  /** One search, cut into parts so that every thread has some. The first that failed is what was found. */
  async searchInParts({ name, runs, seed }: SearchRequest, partRuns: number): Promise<Search> {
    const count = Math.ceil(runs / partRuns);
    const parts = await Promise.all(
      Array.from({ length: count }, (_, part) => this.search({ name, runs: partRuns, seed: seed + part })),
    );
    const tally: Record<string, number> = {};
    for (const part of parts) {
      for (const [what, times] of Object.entries(part.tally)) tally[what] = (tally[what] ?? 0) + times;
    }
    return {
      runs: parts.reduce((sum, part) => sum + part.runs, 0),
      tally: tally as unknown as Search['tally'],
      found: parts.find(({ found }) => found)?.found,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(worker: Worker): Thread {
    const thread: Thread = { worker, current: undefined };
    worker.on('message', (search: Search) => {
      thread.current?.resolve(search);
      thread.current = undefined;
      this.#next();
    });
    worker.on('error', (error) => {
      for (const { reject } of [thread.current, ...this.#waiting.splice(0)].filter(
        (one) => one !== undefined,
      )) {
        reject(error);
      }
    });
    return thread;
  }

  #next(): void {
    const thread = this.#threads.find(({ current }) => current === undefined);
    const next = thread && this.#waiting.shift();
    if (!thread || !next) return;
    thread.current = next;
    thread.worker.postMessage(next.request);
  }
}

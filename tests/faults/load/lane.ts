/** One caller: calls, waits for the answer, calls again, until it is stopped; notes how each call went. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseClient } from '@connections/proto-utils';
import type { Outcome } from './call-outcome.ts';
import type { StoreName, Work } from './work.ts';

/** Times are milliseconds of `performance.now()`. */
export interface CallRecord {
  readonly begun: number;
  readonly ended: number;
  readonly outcome: Outcome;
}

export interface LaneOptions {
  /** The first is the lane's own; after an unknown outcome it goes to the next for one call. */
  readonly clients: readonly DatabaseClient[];
  readonly timeoutMs: number;
  /** Between an answer and the next call. */
  readonly pauseMs: number;
}

export class Lane {
  readonly store: StoreName | undefined;
  /** Answers that nothing accounts for. */
  readonly unexpected: unknown[] = [];
  readonly counts: Record<Outcome, number> = { acknowledged: 0, refused: 0, unknown: 0, unexpected: 0 };
  readonly work: Work;
  readonly #options: LaneOptions;
  #calls: CallRecord[] = [];
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(work: Work, options: LaneOptions) {
    this.store = work.store;
    this.work = work;
    this.#options = options;
    this.#running = this.#run();
  }

  /** Calls that began then or later and have ended, in their order. */
  since(time: number): readonly CallRecord[] {
    return this.#calls.slice(this.#calls.findLastIndex(({ begun }) => begun < time) + 1);
  }

  /** Of the calls so far only the counts stay. */
  forget(): void {
    this.#calls = [];
  }

  /** Resolves when its last call has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clients, timeoutMs, pauseMs } = this.#options;
    for (let at = 0; !this.#stopped; ) {
      const client = clients[at % clients.length] as DatabaseClient;
      const begun = performance.now();
      const { outcome, error } = await this.work.next(client, timeoutMs);
      this.#calls.push({ begun, ended: performance.now(), outcome });
      this.counts[outcome] += 1;
      if (outcome === 'unexpected') this.unexpected.push(error);
      at = outcome === 'unknown' ? at + 1 : 0;
      await delay(pauseMs);
    }
  }
}

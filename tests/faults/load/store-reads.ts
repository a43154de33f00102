/** Reads, which are bounded and refused as writes are; nothing comes of them. */
import type { DatabaseClient } from '@connections/proto-utils';
import { type Answer, answerTo } from './call-outcome.ts';
import { allFindings, type Findings, type Work } from './work.ts';

export class CacheReads implements Work {
  readonly store = 'redis';
  readonly writes = false;

  next({ cache }: DatabaseClient, timeoutMs: number): Promise<Answer<unknown>> {
    return answerTo<unknown>(cache.get({ key: 'none' }, { timeoutMs }));
  }

  async check(): Promise<Findings> {
    return allFindings([]);
  }
}

/** Of schemas and of tasks by turns. */
export class RecordReads implements Work {
  readonly store = 'mongo';
  readonly writes = false;
  #made = 0;

  next({ schemas, tasks }: DatabaseClient, timeoutMs: number): Promise<Answer<unknown>> {
    const page = { pageSize: 1 };
    const list = this.#made++ % 2 === 0 ? schemas.list(page, { timeoutMs }) : tasks.list(page, { timeoutMs });
    return answerTo<unknown>(list);
  }

  async check(): Promise<Findings> {
    return allFindings([]);
  }
}

/** Patches of tasks, each with a request id and a data key of its own: how many had an effect is the task's revision. */
import { isStatusError } from '@connections/grpc';
import type { DatabaseClient } from '@connections/proto-utils';
import { type Answer, answerTo } from './call-outcome.ts';
import { RequestOutcomes } from './request-outcomes.ts';
import { allFindings, type Findings, type Work } from './work.ts';

const category = 'faults';
/** A document that grows without end would measure its growth. */
const writesPerTask = 100;

interface WrittenTask {
  readonly id: string;
  readonly requests: RequestOutcomes;
}

export class TaskWrites implements Work {
  readonly store = 'mongo';
  readonly writes = true;
  readonly #name: string;
  readonly #tasks: WrittenTask[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  async next(client: DatabaseClient, timeoutMs: number): Promise<Answer<unknown>> {
    const { id, requests } = this.#current();
    const requestId = requests.next();
    const common = { category, id, requestId };
    const data = new Map([[requestId, '']]);
    const call =
      requests.acknowledged.size === 0
        ? client.tasks.put({ ...common, state: { status: 'new', data } }, { timeoutMs })
        : client.tasks.patch({ ...common, data }, { timeoutMs });
    const answer = await answerTo<unknown>(call);
    requests.note(requestId, answer.outcome);
    return answer;
  }

  async check(client: DatabaseClient): Promise<Findings> {
    return allFindings(await Promise.all(this.#tasks.map((task) => checkTask(client, task))));
  }

  #current(): WrittenTask {
    const last = this.#tasks.at(-1);
    if (last && last.requests.acknowledged.size < writesPerTask) return last;
    const task = { id: `${this.#name}-${this.#tasks.length}`, requests: new RequestOutcomes() };
    this.#tasks.push(task);
    return task;
  }
}

async function checkTask(client: DatabaseClient, { id, requests }: WrittenTask): Promise<Findings> {
  const { data, revision } = await stored(client, id);
  const named = (request: string) => `task ${id}, request ${request}`;
  return {
    lost: [...requests.acknowledged].filter((request) => !data.has(request)).map(named),
    twice: revision === data.size ? [] : [`task ${id}: ${data.size} requests took ${revision} writes`],
    untrue: [...requests.refused].filter((request) => data.has(request)).map(named),
  };
}

async function stored(client: DatabaseClient, id: string) {
  try {
    const { task } = await client.tasks.get({ category, id, strong: true });
    return { data: new Set(task?.data.keys()), revision: Number(task?.revision) };
  } catch (error) {
    if (isStatusError(error) && error.status === 'NOT_FOUND') return { data: new Set<string>(), revision: 0 };
    throw error;
  }
}

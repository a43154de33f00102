/** Versions of schemas, each with a request id and a text of its own. */
import { isStatusError } from '@connections/grpc';
import type { DatabaseClient } from '@connections/proto-utils';
import { type Answer, answerTo } from './call-outcome.ts';
import { RequestOutcomes } from './request-outcomes.ts';
import { allFindings, type Findings, type Work } from './work.ts';

const versionsPerSchema = 100;

interface WrittenSchema {
  readonly name: string;
  readonly requests: RequestOutcomes;
  /** By request, as answered. */
  readonly versions: Map<string, bigint | undefined>;
}

export class SchemaWrites implements Work {
  readonly store = 'mongo';
  readonly writes = true;
  readonly #name: string;
  readonly #schemas: WrittenSchema[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  async next(client: DatabaseClient, timeoutMs: number): Promise<Answer<unknown>> {
    const { name, requests, versions } = this.#current();
    const requestId = requests.next();
    const answer = await answerTo(
      client.schemas.register({ name, requestId, document: documentOf(requestId) }, { timeoutMs }),
    );
    if (answer.response) versions.set(requestId, answer.response.active?.version);
    requests.note(requestId, answer.outcome);
    return answer;
  }

  async check(client: DatabaseClient): Promise<Findings> {
    return allFindings(await Promise.all(this.#schemas.map((schema) => checkSchema(client, schema))));
  }

  #current(): WrittenSchema {
    const last = this.#schemas.at(-1);
    if (last && last.requests.acknowledged.size < versionsPerSchema) return last;
    const name = `${this.#name}-${this.#schemas.length}`;
    const schema = { name, requests: new RequestOutcomes(), versions: new Map() };
    this.#schemas.push(schema);
    return schema;
  }
}

function documentOf(request: string): string {
  return JSON.stringify({ title: request });
}

async function checkSchema(client: DatabaseClient, schema: WrittenSchema): Promise<Findings> {
  const { name, requests, versions } = schema;
  const kept = await stored(client, name);
  const named = (request: string) => `schema ${name}, request ${request}`;
  const isKept = (request: string) =>
    kept.some(
      ({ version, document }) => document === documentOf(request) && version === versions.get(request),
    );
  const documents = new Set(kept.map(({ document }) => document));
  return {
    lost: [...requests.acknowledged].filter((request) => !isKept(request)).map(named),
    twice:
      documents.size === kept.length ? [] : [`schema ${name}: ${kept.length} versions of ${documents.size}`],
    untrue: [...requests.refused].filter((request) => documents.has(documentOf(request))).map(named),
  };
}

async function stored(client: DatabaseClient, name: string) {
  try {
    return (await client.schemas.listVersions({ name, pageSize: 1_000 })).versions;
  } catch (error) {
    if (isStatusError(error) && error.status === 'NOT_FOUND') return [];
    throw error;
  }
}

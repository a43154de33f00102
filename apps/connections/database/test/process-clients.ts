/** What the tests of processes ask of one: its clients of both contracts, and answers of several calls. */
import { createClient, isStatusError } from '@connections/grpc';
import { cacheService, schemaService, taskService, wireDatabaseService } from '@connections/proto-utils';
import type { Entry } from '@connections/proto-utils/v1/cache';
import type { DatabaseProcess } from './database-process.ts';

export type Clients = ReturnType<typeof clientsOf>;

export function clientsOf({ channel }: DatabaseProcess) {
  return {
    cache: createClient(cacheService, channel),
    schemas: createClient(schemaService, channel),
    tasks: createClient(taskService, channel),
    wire: createClient(wireDatabaseService, channel),
  };
}

/** Number and document of each version of a schema that has at most a hundred. */
export async function historyOf(
  { schemas }: Clients,
  namespace: string,
  name: string,
): Promise<(readonly [number, string])[]> {
  const { versions } = await schemas.listVersions({ namespace, name, pageSize: 100 });
  return versions.map(({ version, document }) => [Number(version), document]);
}

/** All of a namespace of the cache. */
export async function entriesOf({ cache }: Clients, namespace: string): Promise<Entry[]> {
  const found: Entry[] = [];
  let pageToken = '';
  do {
    const page = await cache.list({ namespace, pageSize: 1_000, pageToken });
    found.push(...page.entries);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
}

/** The statuses with which calls failed, `OK` for those that did not. */
export async function outcomesOf(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((outcome) => {
    if (outcome.status === 'fulfilled') return 'OK';
    return isStatusError(outcome.reason) ? outcome.reason.status : String(outcome.reason);
  });
}

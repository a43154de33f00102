/** The schemas of a registry with their versions, page after page. */
import { type CallOptions, type Client, isStatusError } from '@connections/grpc';
import type { schemaService } from '@connections/proto-utils';
import type { ListVersionsResponse, SchemaVersion } from '@connections/proto-utils/v1/schemas';
import { listed } from '../listing.ts';
import type { VersionDefinition } from './definitions-format.ts';
import type { ExportedSchema } from './definitions-text.ts';

export interface Registry {
  readonly client: Client<typeof schemaService>;
  readonly namespace: string;
  readonly call: CallOptions;
}

const all = { limit: 0, all: true } as const;

/** In the order of their names. One that is deleted meanwhile is left out. */
export async function* registeredSchemas(registry: Registry): AsyncGenerator<ExportedSchema> {
  const { client, namespace, call } = registry;
  const actives = listed(all, async (page) => {
    const { schemas, nextPageToken } = await client.list({ namespace, prefix: '', ...page }, call);
    return { items: schemas, nextPageToken };
  });
  for await (const active of actives) {
    const { name } = active;
    // Numbers start at 1 and are not used again: then there are no others.
    const versions = active.version === 1n ? only(active) : await registeredVersions(registry, name);
    if (versions) yield { name, versions: definitions(versions) };
  }
}

/** Oldest first; undefined for an unknown name. */
export async function registeredVersions(
  { client, namespace, call }: Registry,
  name: string,
): Promise<AsyncIterable<SchemaVersion> | undefined> {
  const ask = (page: { readonly pageSize: number; readonly pageToken: string }) =>
    client.listVersions({ namespace, name, ...page }, call);
  let first: ListVersionsResponse | undefined;
  try {
    first = await ask({ pageSize: 0, pageToken: '' });
  } catch (error) {
    if (isStatusError(error) && error.status === 'NOT_FOUND') return undefined;
    throw error;
  }
  return listed(all, async (page) => {
    const { versions, nextPageToken } = first ?? (await ask(page));
    first = undefined;
    return { items: versions, nextPageToken };
  });
}

async function* only(version: SchemaVersion): AsyncGenerator<SchemaVersion> {
  yield version;
}

/** The last one is the active one, whatever was registered or removed between two pages. */
async function* definitions(versions: AsyncIterable<SchemaVersion>): AsyncGenerator<VersionDefinition> {
  let held: SchemaVersion | undefined;
  for await (const version of versions) {
    if (held) yield definition(held, false);
    held = version;
  }
  if (held) yield definition(held, true);
}

function definition({ version, document, author, note }: SchemaVersion, active: boolean): VersionDefinition {
  return { version: Number(version), document, author, note, active };
}

/** The schema of the sample data, in and out. */
import { type CallOptions, type Client, isStatusError } from '@connections/grpc';
import type { schemaService } from '@connections/proto-utils';
import type { SchemaVersion } from '@connections/proto-utils/v1/schemas';
import { type SampleOutcome, sampleMark } from './sample-outcome.ts';
import { sampleSchema } from './sample-set.ts';

type Schemas = Client<typeof schemaService>;

const { name, versions } = sampleSchema;

export async function addSchema(
  schemas: Schemas,
  namespace: string,
  call: CallOptions,
): Promise<SampleOutcome> {
  const present = await versionsOf(schemas, namespace, call);
  if (present.some(({ author }) => author !== sampleMark)) {
    return { did: 'kept', kind: 'schema', name, note: 'it has versions that are not of the sample' };
  }
  // An earlier run may have ended between the two.
  const missing = versions.slice(present.length);
  for (const { document, note } of missing) {
    await schemas.register({ namespace, name, document, note, author: sampleMark }, call);
  }
  return { did: missing.length > 0 ? 'added' : 'kept', kind: 'schema', name, note: '2 versions' };
}

export async function removeSchema(
  schemas: Schemas,
  namespace: string,
  call: CallOptions,
): Promise<SampleOutcome> {
  const present = await versionsOf(schemas, namespace, call);
  if (present.length === 0) return { did: 'absent', kind: 'schema', name };
  if (present.some(({ author }) => author !== sampleMark)) {
    return { did: 'left', kind: 'schema', name, note: 'it has versions that are not of the sample' };
  }
  await schemas.delete({ namespace, name }, call);
  return { did: 'removed', kind: 'schema', name };
}

async function versionsOf(
  schemas: Schemas,
  namespace: string,
  call: CallOptions,
): Promise<readonly SchemaVersion[]> {
  const found: SchemaVersion[] = [];
  let pageToken = '';
  try {
    do {
      const page = await schemas.listVersions({ namespace, name, pageToken, pageSize: 1_000 }, call);
      found.push(...page.versions);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  } catch (error) {
    if (isStatusError(error) && error.status === 'NOT_FOUND') return [];
    throw error;
  }
  return found;
}

/** Asking for one version of a schema. */
import type { CallOptions, Client } from '@connections/grpc';
import type { schemaService } from '@connections/proto-utils';
import type { SchemaVersion } from '@connections/proto-utils/v1/schemas';
import { CliError } from './cli-error.ts';
import { hintWhenMissing } from './name-missing.ts';
import { wholeNumber } from './whole-number.ts';

export interface SchemaVersionRef {
  readonly namespace: string | undefined;
  readonly name: string;
  /** The active one when undefined. */
  readonly version: number | undefined;
}

/** Versions start at 1. */
export const parseVersion = wholeNumber(1, Number.MAX_SAFE_INTEGER);

export async function schemaVersion(
  client: Client<typeof schemaService>,
  { namespace, name, version }: SchemaVersionRef,
  call: CallOptions,
): Promise<SchemaVersion> {
  const selector =
    version === undefined ? undefined : ({ $case: 'version', value: BigInt(version) } as const);
  const hint =
    version === undefined
      ? 'look for it with `connections schemas list`, or in another --namespace'
      : 'see which there are with `connections schemas versions`';
  const { schema } = await hintWhenMissing(client.get({ namespace, name, selector }, call), hint);
  if (schema === undefined) throw new CliError(`the service answered without the schema ${name}`);
  return schema;
}

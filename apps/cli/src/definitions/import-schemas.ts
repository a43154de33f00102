/** Registers what the histories of schemas lack of those in a definitions file. */
import { isStatusError } from '@connections/grpc';
import { limits } from '@connections/runtime';
import { CliError } from '../cli-error.ts';
import { failedCallCode } from '../exit-codes.ts';
import { reportFailure } from '../failure-report.ts';
import type { CheckedSchema, CheckedVersion } from './check-definitions.ts';
import type { ImportedItem } from './imported-item.ts';
import { type Registry, registeredVersions } from './registered-schemas.ts';
import { contentHash } from './schema-content.ts';

export interface SchemaPlan {
  readonly name: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly missing: readonly CheckedVersion[];
  /** Of the active version that is there, 0 where there is none. */
  readonly lastVersion: number;
  /** Versions of the file that are there have other numbers. */
  readonly renumbered: boolean;
}

/** Registers a version and returns the number that it has now. */
export type RegisterVersion = (name: string, version: CheckedVersion) => Promise<number>;

/**
 * A history that ends with the first versions of the file lacks the others. So a file that was imported has nothing to
 * add, and one whose import was stopped goes on where that ended. No request id could do that: the service keeps only
 * the last ones of a name, and would take a version that was deleted meanwhile for registered.
 */
export async function planSchema(registry: Registry, { name, versions }: CheckedSchema): Promise<SchemaPlan> {
  const there: { readonly version: number; readonly content: string }[] = [];
  for await (const { version, document } of (await registeredVersions(registry, name)) ?? []) {
    there.push({ version: Number(version), content: contentHash(document) });
  }
  const known = overlap(
    there.map(({ content }) => content),
    versions.map(({ content }) => content),
  );
  const missing = versions.slice(known);
  const count = there.length + missing.length;
  if (count > limits.schemaVersions) {
    throw new CliError(`schema ${name} would have ${count} versions; the limit is ${limits.schemaVersions}`, {
      hint: 'nothing was changed; delete the schema there, or take it out of the file',
      exitCode: failedCallCode('RESOURCE_EXHAUSTED'),
    });
  }
  const matched = there.slice(there.length - known);
  return {
    name,
    outcome: missing.length === 0 ? 'unchanged' : there.length === 0 ? 'created' : 'updated',
    missing,
    lastVersion: there.at(-1)?.version ?? 0,
    renumbered: matched.some(({ version }, index) => version !== versions[index]?.version),
  };
}

/** A version that the service does not take ends the import of its schema, and of no other. */
export async function importSchema(plan: SchemaPlan, register: RegisterVersion): Promise<ImportedItem> {
  const { name, outcome, missing } = plan;
  let { renumbered } = plan;
  let addedVersions = 0;
  const item = () => ({ kind: 'schema', name, addedVersions, renumbered }) as const;
  for (const version of missing) {
    try {
      if ((await register(name, version)) !== version.version) renumbered = true;
    } catch (error) {
      if (!isStatusError(error) || error.status !== 'INVALID_ARGUMENT') throw error;
      const problem = `version ${version.version} of ${name} was refused, ${reportFailure(error).text}`;
      return { ...item(), outcome: 'refused', problem };
    }
    addedVersions += 1;
  }
  return { ...item(), outcome };
}

/** How many of the last are the first wanted ones, in their order. */
function overlap(there: readonly string[], wanted: readonly string[]): number {
  for (let length = Math.min(there.length, wanted.length); length > 0; length--) {
    const start = there.length - length;
    if (wanted.slice(0, length).every((content, index) => there[start + index] === content)) return length;
  }
  return 0;
}

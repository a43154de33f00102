/** What the clauses of the schemas do again and again. */
import { createHash } from 'node:crypto';
import type { Clause, World } from '@connections/testing';
import type {
  RegisterOptions,
  Registration,
  SchemaCandidate,
  SchemaRef,
  Schemas,
  SchemaVersion,
  VersionSelector,
} from '../src/port/schemas.ts';

export type SchemasClause = Clause<Schemas>;
export type SchemasWorld = World<Schemas>;

/** A schema of a size that tells it from its likes. */
export function sized(maximum: number): string {
  return JSON.stringify({ type: 'integer', maximum });
}

export function candidate(document: string, author = 'ann', note = ''): SchemaCandidate {
  return { document, fingerprint: fingerprintOf(document), author, note, createdAt: 1, statedAt: undefined };
}

export function fingerprintOf(document: string): string {
  const sorted = JSON.stringify(JSON.parse(document), (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('hex');
}

export function refOf({ namespace }: SchemasWorld, name = 'people'): SchemaRef {
  return { namespace, name };
}

export function register(
  world: SchemasWorld,
  document: string,
  options: Partial<RegisterOptions> & { readonly name?: string } = {},
): Promise<Registration> {
  const { name = 'people', mustExist = false, requestId } = options;
  const ref = refOf(world, name);
  return world.port.register(ref, candidate(document), { mustExist, requestId }, world.signal);
}

/** Registers one version after the other. */
export async function registerAll(world: SchemasWorld, ...documents: readonly string[]): Promise<void> {
  for (const document of documents) await register(world, document);
}

export async function activeOf(world: SchemasWorld, name?: string): Promise<SchemaVersion | undefined> {
  return (await world.port.find(refOf(world, name), { by: 'active' }, world.signal))?.version;
}

/** The number of the version that a selector finds. */
export async function foundNumber(
  world: SchemasWorld,
  selector: VersionSelector,
): Promise<number | undefined> {
  return (await world.port.find(refOf(world), selector, world.signal))?.version.version;
}

export async function versionsOf(
  { port, namespace, signal }: SchemasWorld,
  name = 'people',
): Promise<readonly SchemaVersion[] | undefined> {
  return (await port.versions({ namespace, name }, { after: 0, limit: 1_000 }, signal))?.versions;
}

/** Number and document of each version. */
export async function history(world: SchemasWorld, name?: string): Promise<[number, string][]> {
  const versions = (await versionsOf(world, name)) ?? [];
  return versions.map(({ version, document }) => [version, document]);
}

export async function namesOf(world: SchemasWorld, prefix = ''): Promise<string[]> {
  const page = { prefix, after: undefined, limit: 1_000 };
  const { records } = await world.port.list(world.namespace, page, world.signal);
  return records.map((record) => record.name);
}

export function revert(world: SchemasWorld, version: number, requestId?: string) {
  const stamp = { author: 'rita', note: 'back', createdAt: 2 };
  return world.port.revert(refOf(world), version, stamp, requestId, world.signal);
}

export function remove(world: SchemasWorld, what: 'active' | 'all', requestId?: string) {
  return world.port.remove(refOf(world), what, requestId, world.signal);
}

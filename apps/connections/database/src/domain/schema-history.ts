/** What a change makes of the versions of a schema. Pure: every driver of the schema port, and its tests, share it. */
import { limits } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { Registration, SchemaCandidate, SchemaVersion } from '../port/schemas.ts';

/** What must be known of a name to add to its versions. */
export interface SchemaHistory {
  readonly active: SchemaVersion;
  /** The greatest number ever given to a version of this life of the name. */
  readonly lastVersion: number;
  /** How many versions are kept. */
  readonly versions: number;
}

/** The first version of a name. */
export function begunHistory(candidate: SchemaCandidate): SchemaHistory {
  return { active: versionOf(candidate, 1), lastVersion: 1, versions: 1 };
}

/** The history after a registration. Throws TOO_MANY_SCHEMA_VERSIONS. */
export function extendedHistory(
  history: SchemaHistory,
  name: string,
  candidate: SchemaCandidate,
): { readonly outcome: Registration['outcome']; readonly history: SchemaHistory } {
  if (history.active.fingerprint === candidate.fingerprint) return { outcome: 'unchanged', history };
  if (history.versions >= limits.schemaVersions) {
    throw failure('TOO_MANY_SCHEMA_VERSIONS', { name, limit: limits.schemaVersions });
  }
  const version = history.lastVersion + 1;
  return {
    outcome: 'updated',
    history: { active: versionOf(candidate, version), lastVersion: version, versions: history.versions + 1 },
  };
}

/** The history after the active version was removed and `previous` took its place. */
export function shortenedHistory(history: SchemaHistory, previous: SchemaVersion): SchemaHistory {
  return { ...history, active: previous, versions: history.versions - 1 };
}

/** What a revert registers: the content of an earlier version under a stamp of its own. */
export function revertedTo(
  { document, fingerprint }: SchemaVersion,
  stamp: Pick<SchemaCandidate, 'author' | 'note' | 'createdAt'>,
): SchemaCandidate {
  const { author, note, createdAt } = stamp;
  return { document, fingerprint, author, note, createdAt, statedAt: undefined };
}

function versionOf(candidate: SchemaCandidate, version: number): SchemaVersion {
  const { document, fingerprint, author, note, createdAt, statedAt } = candidate;
  return { document, fingerprint, author, note, createdAt, statedAt, version };
}

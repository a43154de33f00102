/** A version as the head and the archive hold it. */
import type { SchemaVersion } from '../../port/schemas.ts';

export interface StoredVersion {
  readonly n: number;
  readonly text: string;
  /** Fingerprint. */
  readonly f: string;
  readonly author: string;
  readonly note: string;
  readonly born: Date;
  /** The time that a client stated. */
  readonly stated?: string;
}

export function versionFrom({ n, text, f, author, note, born, stated }: StoredVersion): SchemaVersion {
  return {
    document: text,
    fingerprint: f,
    author,
    note,
    createdAt: born.getTime(),
    statedAt: stated,
    version: Number(n),
  };
}

export function toStored(version: SchemaVersion): StoredVersion {
  const { document, fingerprint, author, note, createdAt, statedAt } = version;
  return {
    n: version.version,
    text: document,
    f: fingerprint,
    author,
    note,
    born: new Date(createdAt),
    ...(statedAt !== undefined && { stated: statedAt }),
  };
}

/** The time of creation for those who read it as text. */
export function timeOf({ statedAt, createdAt }: SchemaVersion): string {
  return statedAt ?? new Date(createdAt).toISOString();
}

/** The schema port: named JSON documents with every version kept. */
import type { Ending } from '../domain/call-ending.ts';

export interface SchemaRef {
  readonly namespace: string;
  readonly name: string;
}

/** What a caller registers. */
export interface SchemaCandidate {
  /** JSON text, kept as given. */
  readonly document: string;
  /** SHA-256 of the canonical JSON, hexadecimal: equal fingerprints mean equal content. */
  readonly fingerprint: string;
  readonly author: string;
  readonly note: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** The creation time as a client of the wire contract stated it, which is any text; undefined otherwise. */
  readonly statedAt: string | undefined;
}

export interface SchemaVersion extends SchemaCandidate {
  /** From 1; grows by one with every version of the name and is never reused while the name exists. */
  readonly version: number;
}

export interface SchemaRecord extends SchemaRef {
  /** Identity of this life of the name: another one after it was removed and registered again. */
  readonly id: string;
  readonly active: SchemaVersion;
}

export interface Registration {
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly record: SchemaRecord;
}

/** What became of a removal. `active` is the version that stands now, `versions` gone means the name is gone. */
export type SchemaRemoval =
  | { readonly outcome: 'reverted'; readonly record: SchemaRecord }
  | { readonly outcome: 'deleted' };

export type VersionSelector =
  | { readonly by: 'active' }
  | { readonly by: 'version'; readonly version: number }
  /** The newest version with this content. */
  | { readonly by: 'fingerprint'; readonly fingerprint: string };

export interface SchemaFound {
  readonly record: SchemaRecord;
  readonly version: SchemaVersion;
}

export interface RegisterOptions {
  /** Refuses an unknown name with NOT_FOUND instead of creating it. */
  readonly mustExist: boolean;
  /** The same id again changes nothing and gets the first answer, while among the last 16 of the name. */
  readonly requestId: string | undefined;
}

export interface SchemaCapabilities {
  readonly durable: boolean;
}

/**
 * Names and documents are validated before they come here. Every operation is atomic against every other on the same
 * name: of concurrent registrations each loses nothing of the others. Rejects as the cache port does, and with
 * RESOURCE_EXHAUSTED beyond 1 000 versions.
 */
export interface Schemas extends AsyncDisposable {
  readonly capabilities: SchemaCapabilities;
  /**
   * Makes the candidate the active version: `created` for a new name, `unchanged` when the active version has its
   * fingerprint, otherwise `updated`, with the version that was active kept as the newest earlier one.
   */
  register(
    ref: SchemaRef,
    candidate: SchemaCandidate,
    options: RegisterOptions,
    signal: Ending,
  ): Promise<Registration>;
  /** The record and the selected version; undefined when the name or the version is unknown. */
  find(ref: SchemaRef, selector: VersionSelector, signal: Ending): Promise<SchemaFound | undefined>;
  /** Versions after a number, oldest first, the active one last; undefined for an unknown name. */
  versions(
    ref: SchemaRef,
    page: { readonly after: number; readonly limit: number },
    signal: Ending,
  ): Promise<{ readonly versions: readonly SchemaVersion[]; readonly hasMore: boolean } | undefined>;
  /** Records in the order of the names' UTF-8 bytes. */
  list(
    namespace: string,
    page: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
    signal: Ending,
  ): Promise<{ readonly records: readonly SchemaRecord[]; readonly hasMore: boolean }>;
  /** How many names there are. Every page of a list asks for it: it costs an index entry for each name at most. */
  count(namespace: string, signal: Ending): Promise<number>;
  /**
   * Makes the content of an earlier version active again as a new version; the active one's own content changes
   * nothing. Rejects with NOT_FOUND for an unknown name or version.
   */
  revert(
    ref: SchemaRef,
    version: number,
    stamp: Pick<SchemaCandidate, 'author' | 'note' | 'createdAt'>,
    requestId: string | undefined,
    signal: Ending,
  ): Promise<SchemaRecord>;
  /**
   * `active`: removes the active version, and the newest earlier one becomes active (`reverted`) or, without one, the
   * name goes (`deleted`). `all`: the name goes. Undefined for an unknown name.
   */
  remove(
    ref: SchemaRef,
    what: 'active' | 'all',
    requestId: string | undefined,
    signal: Ending,
  ): Promise<SchemaRemoval | undefined>;
  ping(signal: Ending): Promise<void>;
}

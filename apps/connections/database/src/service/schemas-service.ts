/** The schema registry as both APIs use it: checks requests and documents, fills in defaults, pages. */
import { type Clock, type Ending, limits } from '@connections/runtime';
import { failure, RequestCheck } from '@connections/runtime/errors';
import { fingerprint } from '../domain/canonical-json.ts';
import { pagePosition, pageToken } from '../domain/page-token.ts';
import type {
  Registration,
  SchemaFound,
  SchemaRecord,
  SchemaRef,
  SchemaRemoval,
  Schemas,
  SchemaVersion,
  VersionSelector,
} from '../port/schemas.ts';
import { checkDocument, checkSchemaDocument } from './schema-document.ts';
import { recordPage, versionPage } from './schema-pages.ts';
import {
  checkMadeBy,
  checkSchemaRef,
  checkSelector,
  checkSubmission,
  checkVersion,
  type SchemaSubmission,
} from './schema-request.ts';

export interface SchemasServiceOptions {
  readonly schemas: Schemas;
  readonly clock: Clock;
}

export interface PageRequest {
  /** The default when 0. */
  readonly pageSize: number;
  /** Empty for the first page. */
  readonly pageToken: string;
}

export interface SchemaHistory {
  readonly record: SchemaRecord;
  /** The versions before the active one, oldest first. */
  readonly earlier: readonly SchemaVersion[];
  /** The newest of them are left out, because a reply cannot hold all. */
  readonly truncated: boolean;
}

export class SchemasService {
  readonly #schemas: Schemas;
  readonly #clock: Clock;

  constructor(options: SchemasServiceOptions) {
    this.#schemas = options.schemas;
    this.#clock = options.clock;
  }

  /** Takes a document that is a JSON Schema which can be used without this service, a network or a backtracking engine. */
  async register(
    ref: SchemaRef,
    submission: SchemaSubmission,
    requestId: string | undefined,
    signal: Ending,
  ): Promise<Registration> {
    const check = new RequestCheck();
    await checkSchemaDocument(check, submission.document, signal);
    return this.#register(check, ref, submission, requestId, signal);
  }

  /**
   * Takes any JSON text of the right size. The wire contract refuses no schema, so what its façade translated is
   * stored even where a validator could not use it.
   */
  async registerTranslated(
    ref: SchemaRef,
    submission: SchemaSubmission,
    requestId: string | undefined,
    signal: Ending,
  ): Promise<Registration> {
    const check = new RequestCheck();
    checkDocument(check, submission.document);
    return this.#register(check, ref, submission, requestId, signal);
  }

  async #register(
    check: RequestCheck,
    ref: SchemaRef,
    submission: SchemaSubmission,
    requestId: string | undefined,
    signal: Ending,
  ): Promise<Registration> {
    const schema = checkSchemaRef(check, ref);
    checkSubmission(check, submission);
    check.requestId(requestId);
    check.done();
    const { document, author, note, statedAt, mustExist = false } = submission;
    const createdAt = this.#clock.now();
    const candidate = { document, fingerprint: fingerprint(document), author, note, createdAt, statedAt };
    return this.#schemas.register(schema, candidate, { mustExist, requestId }, signal);
  }

  /** Rejects with NOT_FOUND for an unknown name, or one without such a version. */
  async get(ref: SchemaRef, selector: VersionSelector, signal: Ending): Promise<SchemaFound> {
    const check = new RequestCheck();
    const schema = checkSchemaRef(check, ref);
    checkSelector(check, selector);
    check.done();
    const found = await this.#schemas.find(schema, selector, signal);
    if (found) return found;
    const { name } = schema;
    const active =
      selector.by === 'active' ? undefined : await this.#schemas.find(schema, { by: 'active' }, signal);
    throw active ? failure('SCHEMA_VERSION_NOT_FOUND', { name }) : unknown(schema);
  }

  async find(ref: SchemaRef, signal: Ending): Promise<SchemaRecord | undefined> {
    const found = await this.#schemas.find(this.#checkedRef(ref), { by: 'active' }, signal);
    return found?.record;
  }

  /** The names that start with a prefix, in order, and how many names there are in all. */
  async list(
    namespace: string,
    listing: PageRequest & { readonly prefix: string },
    signal: Ending,
  ): Promise<{
    readonly records: readonly SchemaRecord[];
    readonly nextPageToken: string;
    readonly totalSize: number;
  }> {
    const { prefix } = listing;
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.label('prefix', prefix, limits.keyBytes);
    const limit = check.pageSize(listing.pageSize);
    check.done();
    const filter = ['schemas', space, prefix];
    const query = { prefix, after: pagePosition(filter, listing.pageToken), limit };
    const { items, hasMore } = await recordPage(this.#schemas, space, query, signal);
    const last = items.at(-1);
    return {
      records: items,
      nextPageToken: hasMore && last ? pageToken(filter, last.name) : '',
      totalSize: await this.#schemas.count(space, signal),
    };
  }

  /** Oldest first; on the last page the last one is active. Rejects with NOT_FOUND for an unknown name. */
  async listVersions(
    ref: SchemaRef,
    listing: PageRequest,
    signal: Ending,
  ): Promise<{ readonly versions: readonly SchemaVersion[]; readonly nextPageToken: string }> {
    const check = new RequestCheck();
    const schema = checkSchemaRef(check, ref);
    const limit = check.pageSize(listing.pageSize);
    check.done();
    const filter = ['versions', schema.namespace, schema.name];
    const after = Number(pagePosition(filter, listing.pageToken) ?? 0);
    const page = await versionPage(this.#schemas, schema, { after, limit }, signal);
    if (!page) throw unknown(schema);
    const last = page.items.at(-1);
    return {
      versions: page.items,
      nextPageToken: page.hasMore && last ? pageToken(filter, String(last.version)) : '',
    };
  }

  /** A name with all that came before its active version; undefined for an unknown name. */
  async history(ref: SchemaRef, signal: Ending): Promise<SchemaHistory | undefined> {
    const schema = this.#checkedRef(ref);
    const record = (await this.#schemas.find(schema, { by: 'active' }, signal))?.record;
    const all = { after: 0, limit: limits.schemaVersions };
    const page = record && (await versionPage(this.#schemas, schema, all, signal));
    if (!page) return undefined;
    // A version that was registered between the two reads is later than the record and left to the next reader.
    const earlier = page.items.filter(({ version }) => version < record.active.version);
    return { record, earlier, truncated: page.hasMore && earlier.length === page.items.length };
  }

  /** The records whose name is accepted, until `maxRecords` or as many bytes as a reply may hold: `truncated`. */
  async search(
    namespace: string,
    accept: (name: string) => boolean,
    maxRecords: number,
    signal: Ending,
  ): Promise<{ readonly records: readonly SchemaRecord[]; readonly truncated: boolean }> {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.done();
    const query = { prefix: '', after: undefined, limit: maxRecords, accept };
    const { items, hasMore } = await recordPage(this.#schemas, space, query, signal);
    return { records: items, truncated: hasMore };
  }

  async count(namespace: string, signal: Ending): Promise<number> {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.done();
    return this.#schemas.count(space, signal);
  }

  /** Makes the content of an earlier version active as a new one. Rejects with NOT_FOUND for an unknown one. */
  async revert(
    ref: SchemaRef,
    version: number,
    madeBy: Pick<SchemaSubmission, 'author' | 'note'>,
    requestId: string | undefined,
    signal: Ending,
  ): Promise<SchemaRecord> {
    const check = new RequestCheck();
    const schema = checkSchemaRef(check, ref);
    checkVersion(check, version);
    checkMadeBy(check, madeBy);
    check.requestId(requestId);
    check.done();
    const stamp = { author: madeBy.author, note: madeBy.note, createdAt: this.#clock.now() };
    return this.#schemas.revert(schema, version, stamp, requestId, signal);
  }

  /** The version before the active one becomes active; without one the name goes. NOT_FOUND for an unknown name. */
  deleteActive(ref: SchemaRef, requestId: string | undefined, signal: Ending): Promise<SchemaRemoval> {
    return this.#remove(ref, 'active', requestId, signal);
  }

  /** The name goes with all its versions. Rejects with NOT_FOUND for an unknown name. */
  async delete(ref: SchemaRef, requestId: string | undefined, signal: Ending): Promise<void> {
    await this.#remove(ref, 'all', requestId, signal);
  }

  ping(signal: Ending): Promise<void> {
    return this.#schemas.ping(signal);
  }

  async #remove(
    ref: SchemaRef,
    what: 'active' | 'all',
    requestId: string | undefined,
    signal: Ending,
  ): Promise<SchemaRemoval> {
    const check = new RequestCheck();
    const schema = checkSchemaRef(check, ref);
    check.requestId(requestId);
    check.done();
    const removal = await this.#schemas.remove(schema, what, requestId, signal);
    if (!removal) throw unknown(schema);
    return removal;
  }

  #checkedRef(ref: SchemaRef): SchemaRef {
    const check = new RequestCheck();
    const schema = checkSchemaRef(check, ref);
    check.done();
    return schema;
  }
}

function unknown({ name }: SchemaRef) {
  return failure('SCHEMA_NOT_FOUND', { name });
}

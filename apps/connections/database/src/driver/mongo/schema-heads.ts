/** The collections of the heads: that of the first implementation for the default namespace, one for all others. */
import type { Abortable, Collection, Document, FindOptions } from 'mongodb';
import type { SchemaRecord, SchemaRef } from '../../port/schemas.ts';
import type { MongoLink } from './mongo-link.ts';
import {
  type BriefDocument,
  briefRecord,
  type HeadDocument,
  headOf,
  type SchemaHead,
} from './schema-head.ts';

/** A count reads an index entry for each name: for those who have millions it is bounded. */
const maxCountMs = 5_000;

const sizeOf = (list: string) => ({ $cond: [{ $isArray: list }, { $size: list }, -1] });
const same = {
  $and: [
    { $gt: ['$cs.rev', 0] },
    { $eq: ['$created_at', '$cs.shown.created_at'] },
    { $eq: ['$active_schema', '$cs.shown.active_schema'] },
  ],
};
const unless = (condition: Document, value: unknown) => ({ $cond: [condition, '$$REMOVE', value] });

/** What the first implementation finds is read only where it has changed it, or was the one to write it. */
const theirs = {
  created_at: unless(same, '$created_at'),
  active_schema: unless(same, '$active_schema'),
};
const sameReleases = { $and: [same, { $eq: [sizeOf('$schemas_releases'), sizeOf('$cs.shown.releases')] }] };
const wholeHead = {
  import_name: 1,
  ...Object.fromEntries(
    ['rev', 'last', 'count', 'gone', 'active', 'tail', 'answers', 'commits', 'shown.releases'].map((name) => [
      `cs.${name}`,
      1,
    ]),
  ),
  ...theirs,
  // Null where there is none: its absence says that it is as we wrote it.
  schemas_releases: unless(sameReleases, { $ifNull: ['$schemas_releases', null] }),
};
const briefHead = {
  import_name: 1,
  'cs.active': 1,
  'cs.last': 1,
  ...theirs,
  releases_now: unless(same, { $max: [0, sizeOf('$schemas_releases')] }),
  releases_then: unless(same, { $max: [0, sizeOf('$cs.shown.releases')] }),
};

/** Numbers come as what they are stored as: the first implementation tells 1 from 1.0. */
const exact = { promoteValues: false, promoteLongs: false } satisfies FindOptions;
/** Of documents with one name, which only an index that could not be built lets be, the first one stands. */
const oldest = { sort: { _id: 1 } } satisfies FindOptions;

export class SchemaHeads {
  readonly #default: Collection<Document>;
  readonly #namespaces: Collection<Document>;

  constructor(link: MongoLink, collection: string) {
    this.#default = link.collection(collection);
    this.#namespaces = link.collection(`${collection}_namespaces`);
  }

  of(namespace: string): Collection<Document> {
    return namespace === 'default' ? this.#default : this.#namespaces;
  }

  async find(ref: SchemaRef, signal: AbortSignal): Promise<SchemaHead | undefined> {
    const options = { ...exact, ...oldest, projection: wholeHead, signal };
    const document = await this.of(ref.namespace).findOne<HeadDocument>(filterOf(ref), options);
    return document ? headOf(document) : undefined;
  }

  async record(ref: SchemaRef, signal: AbortSignal): Promise<SchemaRecord | undefined> {
    const options = { ...exact, ...oldest, projection: briefHead, signal };
    const document = await this.of(ref.namespace).findOne<BriefDocument>(filterOf(ref), options);
    return document ? briefRecord(ref, document) : undefined;
  }

  /** In the order of the names' UTF-8 bytes, which is that of the server for text without a collation. */
  async list(
    namespace: string,
    {
      prefix,
      after,
      limit,
    }: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
    signal: AbortSignal,
  ): Promise<{ readonly records: readonly SchemaRecord[]; readonly hasMore: boolean }> {
    const filter = { ...inNamespace(namespace), import_name: rangeOf(prefix, after) };
    const sort = { import_name: 1 } as const;
    const options: FindOptions & Abortable = {
      ...exact,
      projection: briefHead,
      sort,
      limit: limit + 1,
      signal,
    };
    const documents = await this.of(namespace).find<BriefDocument>(filter, options).toArray();
    const records = documents.map((document) =>
      briefRecord({ namespace, name: document.import_name }, document),
    );
    return { records: records.slice(0, limit), hasMore: records.length > limit };
  }

  count(namespace: string, signal: AbortSignal): Promise<number> {
    const filter = { ...inNamespace(namespace), import_name: { $gte: '' } };
    return this.of(namespace).countDocuments(filter, { maxTimeMS: maxCountMs, signal });
  }
}

function filterOf({ namespace, name }: SchemaRef): Document {
  return { ...inNamespace(namespace), import_name: name };
}

function inNamespace(namespace: string): Document {
  return namespace === 'default' ? {} : { 'cs.ns': namespace };
}

/** A name is shorter than this, and no character is greater. */
const beyond = '\u{10FFFF}'.repeat(129);

function rangeOf(prefix: string, after: string | undefined): Document {
  const end = { $lt: prefix + beyond };
  const follows = after !== undefined && Buffer.compare(Buffer.from(after), Buffer.from(prefix)) >= 0;
  return follows ? { $gt: after, ...end } : { $gte: prefix, ...end };
}

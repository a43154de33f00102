/** Versions out of what the first implementation wrote, in every layout that it left behind. */
import { ObjectId } from 'mongodb';
import { fingerprint } from '../../domain/canonical-json.ts';
import { printExact } from '../../domain/exact-json.ts';
import { extraText } from '../../domain/typed-extra.ts';
import {
  toSchemaDocument,
  type WireJsonSchema,
  type WireProperty,
  wirePropertyTypes,
} from '../../domain/wire-json-schema.ts';
import type { SchemaVersion } from '../../port/schemas.ts';
import { exactOf, isDocument } from './exact-bson.ts';

/** Read with `promoteValues: false`. */
export interface OldDocument {
  readonly _id: unknown;
  readonly created_at?: unknown;
  readonly active_schema?: unknown;
  readonly schemas_releases?: unknown;
}

/** The earlier versions, oldest first, numbered from `first`. */
export function oldReleases(
  document: OldDocument,
  releases: readonly unknown[],
  first: number,
): SchemaVersion[] {
  return releases.map((release, index) => {
    // A bare schema has a member of this name too: the address of its dialect.
    const wrapped = isDocument(release) && isDocument(release.schema);
    const [schema, createdAt] = wrapped ? [release.schema, release.created_at] : [release, undefined];
    return oldVersion(document, schema, createdAt, first + index);
  });
}

export function oldActive(document: OldDocument, version: number): SchemaVersion {
  return oldVersion(document, document.active_schema, document.created_at, version);
}

function oldVersion(
  { _id }: OldDocument,
  schema: unknown,
  createdAt: unknown,
  version: number,
): SchemaVersion {
  const document = toSchemaDocument(wireOf(schema));
  const statedAt = typeof createdAt === 'string' ? createdAt : undefined;
  const stated = createdAt instanceof Date ? createdAt.getTime() : Date.parse(statedAt ?? '');
  return {
    document,
    fingerprint: fingerprint(document),
    author: '',
    note: '',
    createdAt: Number.isNaN(stated) ? bornAt(_id) : stated,
    statedAt,
    version,
  };
}

function bornAt(id: unknown): number {
  return id instanceof ObjectId ? id.getTimestamp().getTime() : 0;
}

function wireOf(schema: unknown): WireJsonSchema {
  const { schema: dialect, type, required, properties } = isDocument(schema) ? schema : {};
  return {
    schema: typeof dialect === 'string' ? dialect : '',
    type: typeof type === 'string' ? type : '',
    required: Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [],
    properties: new Map(
      Object.entries(isDocument(properties) ? properties : {}).map(([name, property]) => [
        name,
        propertyOf(property),
      ]),
    ),
  };
}

/** `{type, k: typed}`, and as its update wrote it `{type, extra: {k: text}}`. */
function propertyOf(property: unknown): WireProperty {
  const known = isDocument(property) && wirePropertyTypes.find((type) => type === property.type);
  if (!known) return { type: 'string', extra: new Map([['json_schema', printExact(exactOf(property))]]) };
  const { type: _, extra, ...keywords } = property;
  const nested = isDocument(extra) ? extra : extra === undefined ? {} : { extra };
  const texts = [...Object.entries(keywords), ...Object.entries(nested)];
  return { type: known, extra: new Map(texts.map(([name, value]) => [name, extraText(exactOf(value))])) };
}

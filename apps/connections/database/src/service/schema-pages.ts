/** Pages of schemas that fit into a reply, however large the documents are. */
import { type Ending, limits } from '@connections/runtime';
import type { SchemaRecord, SchemaRef, Schemas, SchemaVersion } from '../port/schemas.ts';
import { fillPage, type Page } from './fill-page.ts';

const { pageBytes: maxBytes } = limits;

export interface RecordQuery {
  readonly prefix: string;
  readonly after: string | undefined;
  readonly limit: number;
  /** @default every name */
  readonly accept?: (name: string) => boolean;
}

export function recordPage(
  schemas: Schemas,
  namespace: string,
  { prefix, after, limit, accept = () => true }: RecordQuery,
  signal: Ending,
): Promise<Page<SchemaRecord>> {
  const bytesOf = ({ name, active }: SchemaRecord) => Buffer.byteLength(name) + versionBytes(active);
  const read = async (last: SchemaRecord | undefined, chunk: number) => {
    const range = { prefix, after: last?.name ?? after, limit: chunk };
    const { records, hasMore } = await schemas.list(namespace, range, signal);
    return { items: records, hasMore };
  };
  return fillPage({ limit, maxBytes, bytesOf, accept: ({ name }) => accept(name) }, read, signal);
}

/** Undefined for an unknown name. */
export async function versionPage(
  schemas: Schemas,
  ref: SchemaRef,
  { after, limit }: { readonly after: number; readonly limit: number },
  signal: Ending,
): Promise<Page<SchemaVersion> | undefined> {
  let known = true;
  const page = await fillPage<SchemaVersion>(
    { limit, maxBytes, bytesOf: versionBytes, accept: () => true },
    async (last, chunk) => {
      const read = await schemas.versions(ref, { after: last?.version ?? after, limit: chunk }, signal);
      known = read !== undefined;
      return { items: read?.versions ?? [], hasMore: read?.hasMore ?? false };
    },
    signal,
  );
  return known ? page : undefined;
}

function versionBytes({ document, author, note }: SchemaVersion): number {
  return Buffer.byteLength(document) + Buffer.byteLength(author) + Buffer.byteLength(note);
}

/** A schema with its releases, as the wire contract shows it. */
import {
  MongoGetRawSchemasResponse,
  MongoGetRawSchemasResponse_SchemaRelease as SchemaRelease,
} from '@connections/proto-utils/wire/mongo';
import type { SchemaVersion } from '../../port/schemas.ts';
import type { SchemaHistory } from '../../service/schemas-service.ts';
import { fitting } from './reply-size.ts';
import { messageOfDocument } from './wire-schema-message.ts';

export interface RawSchema {
  readonly message: MongoGetRawSchemasResponse;
  readonly bytes: number;
  /** The newest releases are left out, because a reply cannot hold all. */
  readonly truncated: boolean;
}

export function rawSchema({ record, earlier, truncated }: SchemaHistory): RawSchema {
  const releases = fitting(
    earlier.map((version) => ({
      createdAt: statedTime(version),
      schema: messageOfDocument(version.document),
    })),
    (release) => SchemaRelease.encode(release).finish().length,
  );
  const message = {
    id: record.id,
    importName: record.name,
    createdAt: statedTime(record.active),
    activeSchema: messageOfDocument(record.active.document),
    schemasReleases: releases.items,
  };
  const bytes = MongoGetRawSchemasResponse.encode(message).finish().length;
  return { message, bytes, truncated: truncated || releases.truncated };
}

/** As its client stated it; one that v1 registered has the time at which it was. */
function statedTime(version: SchemaVersion): string {
  return version.statedAt ?? new Date(version.createdAt).toISOString();
}

/** The wire contract's schema calls. */
import type { Call } from '@connections/grpc';
import { MongoGetRawSchemasResponse } from '@connections/proto-utils/wire/mongo';
import type { JsonSchema } from '@connections/proto-utils/wire/utils';
import { limits, nextTurn } from '@connections/runtime';
import { invalidField } from '@connections/runtime/errors';
import { namePattern } from '../../domain/name-pattern.ts';
import type { Registration, SchemaRecord, SchemaRef } from '../../port/schemas.ts';
import type { SchemasService } from '../../service/schemas-service.ts';
import { inBand } from './in-band.ts';
import { rawSchema } from './raw-schema.ts';
import { type MongoHandlers, wireNamespace } from './wire-part.ts';
import { documentOfMessage, messageOfDocument } from './wire-schema-message.ts';

export function createMongoHandler(schemas: SchemasService): MongoHandlers {
  return {
    mongoPing(_, call) {
      const ping = async () => {
        await schemas.ping(call.ending);
        return { pong: true };
      };
      return inBand(call, ping, () => ({ pong: false }));
    },

    mongoInsertOneSchema: ({ importName, createdAt, activeSchema: schema }, call) =>
      register(schemas, { importName, createdAt, schema, field: 'active_schema', mustExist: false }, call),

    mongoUpdateOneJsonSchema: ({ importName, createdAt, schema }, call) =>
      register(schemas, { importName, createdAt, schema, field: 'schema', mustExist: true }, call),

    mongoCountAllDocuments(_, call) {
      const count = async () => ({ amount: await schemas.count(wireNamespace, call.ending) });
      return inBand(call, count, () => ({ amount: -1 }));
    },

    mongoFindJsonSchema({ importName }, call) {
      const find = async () => {
        const record = await schemas.find(reference(importName), call.ending);
        if (!record) return { status: 'not_found', extra: new Map() };
        return { status: 'found', extra: new Map(), schema: messageOfDocument(record.active.document) };
      };
      return inBand(call, find, (message) => ({ status: 'error', extra: new Map([['message', message]]) }));
    },

    mongoDeleteOneJsonSchema: ({ importName }, call) =>
      removed(call, async () => {
        const { outcome } = await schemas.deleteActive(reference(importName), undefined, call.ending);
        return outcome;
      }),

    mongoDeleteImportName: ({ importName }, call) =>
      removed(call, async () => {
        await schemas.delete(reference(importName), undefined, call.ending);
        return 'deleted';
      }),

    async mongoGetRawSchemas({ importName }, call) {
      const history = await schemas.history(reference(importName), call.ending);
      if (!history) return MongoGetRawSchemasResponse.create();
      const { message, truncated } = rawSchema(history);
      if (truncated) call.trailers.set('x-truncated', '1');
      return message;
    },

    async mongoGetSchemasByImportRegex({ importName: pattern }, call) {
      if (Buffer.byteLength(pattern) > limits.patternBytes) {
        throw invalidField('import_name', `is longer than ${limits.patternBytes} bytes`);
      }
      const accept = namePattern(pattern);
      if (typeof accept === 'string') throw invalidField('import_name', accept);
      const found = await schemas.search(wireNamespace, accept, limits.wireSchemas, call.ending);
      const shown: MongoGetRawSchemasResponse[] = [];
      let { truncated } = found;
      let bytes = 0;
      for (const { name } of found.records) {
        const history = await schemas.history(reference(name), call.ending);
        // Undefined: it was removed since the search.
        if (!history) continue;
        const raw = rawSchema(history);
        bytes += raw.bytes;
        truncated ||= raw.truncated || bytes > limits.pageBytes;
        if (bytes > limits.pageBytes && shown.length > 0) break;
        shown.push(raw.message);
        await nextTurn(call.ending);
      }
      if (truncated) call.trailers.set('x-truncated', '1');
      return { schemas: shown };
    },
  };
}

function reference(name: string): SchemaRef {
  return { namespace: wireNamespace, name };
}

interface Submission {
  readonly importName: string;
  readonly createdAt: string;
  readonly schema: JsonSchema | undefined;
  /** The schema's name in the request. */
  readonly field: string;
  readonly mustExist: boolean;
}

function register(schemas: SchemasService, submission: Submission, call: Call) {
  const answer = async () => {
    const { importName, field, schema, createdAt, mustExist } = submission;
    const document = documentOfMessage(field, schema);
    const statedAt = createdAt || undefined;
    const { outcome, record } = await schemas.registerTranslated(
      reference(importName),
      { document, author: call.principal.name, note: '', statedAt, mustExist },
      undefined,
      call.ending,
    );
    return outcomes[outcome](record);
  };
  return inBand(call, answer, (message) => reply('error', { message }));
}

const outcomes: Readonly<Record<Registration['outcome'], (record: SchemaRecord) => RegisterReply>> = {
  created: ({ id }) => reply('inserted', { acknowledged: 'true', inserted_id: id }),
  updated: () =>
    reply('updated', { message: 'the schema is updated', modified_count: '1', matched_count: '1' }),
  unchanged: () => reply('no_change', { message: 'the active schema has this content already' }),
};

interface RegisterReply {
  readonly status: string;
  readonly result: Map<string, string>;
}

function reply(status: string, result: Readonly<Record<string, string>>): RegisterReply {
  return { status, result: new Map(Object.entries(result)) };
}

function removed(call: Call, remove: () => Promise<'reverted' | 'deleted'>) {
  const answer = async () => {
    const status = await remove();
    const message = status === 'deleted' ? 'the schema is deleted' : 'an earlier schema is active again';
    return { success: true, status, message, extra: new Map() };
  };
  return inBand(call, answer, (message) => ({ success: false, status: 'error', message, extra: new Map() }));
}

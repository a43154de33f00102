/** connections.schemas.v1 over the schemas service. */
import type { Handlers } from '@connections/grpc';
import type { schemaService } from '@connections/proto-utils';
import {
  type GetRequest,
  RegisterResponse_Outcome as Outcome,
  type SchemaVersion as SchemaVersionMessage,
} from '@connections/proto-utils/v1/schemas';
import type { Registration, SchemaRecord, SchemaVersion, VersionSelector } from '../../port/schemas.ts';
import type { SchemasService } from '../../service/schemas-service.ts';
import { optional } from './optional.ts';

const outcomes = {
  created: Outcome.OUTCOME_CREATED,
  updated: Outcome.OUTCOME_UPDATED,
  unchanged: Outcome.OUTCOME_UNCHANGED,
} as const satisfies Record<Registration['outcome'], Outcome>;

export function createSchemasHandler(schemas: SchemasService): Handlers<typeof schemaService> {
  return {
    async register({ requestId, document, author, note, ...ref }, { signal }) {
      const submission = { document, author, note };
      const { outcome, record } = await schemas.register(ref, submission, optional(requestId), signal);
      return { outcome: outcomes[outcome], active: activeMessage(record) };
    },

    async get({ selector, ...ref }, { signal }) {
      const { record, version } = await schemas.get(ref, toSelector(selector), signal);
      return { schema: message(ref.name, version, version.version === record.active.version) };
    },

    async list({ namespace, ...listing }, { signal }) {
      const { records, nextPageToken, totalSize } = await schemas.list(namespace, listing, signal);
      return { schemas: records.map(activeMessage), nextPageToken, totalSize };
    },

    async listVersions({ pageSize, pageToken, ...ref }, { signal }) {
      const { versions, nextPageToken } = await schemas.listVersions(ref, { pageSize, pageToken }, signal);
      const active = nextPageToken === '' ? versions.at(-1) : undefined;
      return { versions: versions.map((each) => message(ref.name, each, each === active)), nextPageToken };
    },

    async revert({ version, author, note, requestId, ...ref }, { signal }) {
      const madeBy = { author, note };
      const record = await schemas.revert(ref, Number(version), madeBy, optional(requestId), signal);
      return { active: activeMessage(record) };
    },

    async deleteActive({ requestId, ...ref }, { signal }) {
      const removal = await schemas.deleteActive(ref, optional(requestId), signal);
      return removal.outcome === 'reverted' ? { active: activeMessage(removal.record) } : {};
    },

    async delete({ requestId, ...ref }, { signal }) {
      await schemas.delete(ref, optional(requestId), signal);
      return {};
    },
  };
}

function toSelector(selector: GetRequest['selector']): VersionSelector {
  switch (selector?.$case) {
    case 'version':
      return { by: 'version', version: Number(selector.value) };
    case 'fingerprint':
      return { by: 'fingerprint', fingerprint: selector.value };
    default:
      return { by: 'active' };
  }
}

function activeMessage({ name, active }: SchemaRecord): SchemaVersionMessage {
  return message(name, active, true);
}

function message(name: string, version: SchemaVersion, active: boolean): SchemaVersionMessage {
  const { document, fingerprint, author, note, createdAt } = version;
  const createTime = new Date(createdAt);
  return { name, version: BigInt(version.version), document, fingerprint, author, note, createTime, active };
}

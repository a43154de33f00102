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
    async register({ requestId, document, author, note, ...ref }, { ending }) {
      const submission = { document, author, note };
      const { outcome, record } = await schemas.register(ref, submission, optional(requestId), ending);
      return { outcome: outcomes[outcome], active: activeMessage(record) };
    },

    async get({ selector, ...ref }, { ending }) {
      const { record, version } = await schemas.get(ref, toSelector(selector), ending);
      return { schema: message(ref.name, version, version.version === record.active.version) };
    },

    async list({ namespace, ...listing }, { ending }) {
      const { records, nextPageToken, totalSize } = await schemas.list(namespace, listing, ending);
      return { schemas: records.map(activeMessage), nextPageToken, totalSize };
    },

    async listVersions({ pageSize, pageToken, ...ref }, { ending }) {
      const { versions, nextPageToken } = await schemas.listVersions(ref, { pageSize, pageToken }, ending);
      const active = nextPageToken === '' ? versions.at(-1) : undefined;
      return { versions: versions.map((each) => message(ref.name, each, each === active)), nextPageToken };
    },

    async revert({ version, author, note, requestId, ...ref }, { ending }) {
      const madeBy = { author, note };
      const record = await schemas.revert(ref, Number(version), madeBy, optional(requestId), ending);
      return { active: activeMessage(record) };
    },

    async deleteActive({ requestId, ...ref }, { ending }) {
      const removal = await schemas.deleteActive(ref, optional(requestId), ending);
      return removal.outcome === 'reverted' ? { active: activeMessage(removal.record) } : {};
    },

    async delete({ requestId, ...ref }, { ending }) {
      await schemas.delete(ref, optional(requestId), ending);
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

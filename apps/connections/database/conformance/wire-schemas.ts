/** The schema port as clients of v1 have it, so that its clauses run through the wire. */

import { type Channel, createClient } from '@connections/grpc';
import { schemaService } from '@connections/proto-utils';
import { type SchemaVersion as Message, RegisterResponse_Outcome } from '@connections/proto-utils/v1/schemas';
import { abortSignalOf, type Ending } from '@connections/runtime';
import type {
  Registration,
  SchemaCapabilities,
  SchemaRecord,
  SchemaRef,
  Schemas,
  SchemaVersion,
  VersionSelector,
} from '../src/port/schemas.ts';
import { given, ifFound, PageTokens } from './wire-replies.ts';

const outcomes = new Map<RegisterResponse_Outcome, Registration['outcome']>([
  [RegisterResponse_Outcome.OUTCOME_CREATED, 'created'],
  [RegisterResponse_Outcome.OUTCOME_UPDATED, 'updated'],
  [RegisterResponse_Outcome.OUTCOME_UNCHANGED, 'unchanged'],
]);

export function wireSchemas(channel: Channel, capabilities: SchemaCapabilities): Schemas {
  const client = createClient(schemaService, channel);
  const tokens = new PageTokens();

  async function get(ref: SchemaRef, selector: VersionSelector, signal: Ending) {
    const reply = await ifFound(
      client.get({ ...ref, selector: selectorOf(selector) }, { signal: abortSignalOf(signal) }),
    );
    return reply && given(reply.schema, 'schema');
  }

  return {
    capabilities,
    async register(ref, { document, author, note }, { requestId = '' }, signal) {
      const reply = await client.register(
        { ...ref, document, author, note, requestId },
        { signal: abortSignalOf(signal) },
      );
      const outcome = given(outcomes.get(reply.outcome), 'outcome');
      return { outcome, record: recordOf(ref.namespace, reply.active) };
    },
    async find(ref, selector, signal) {
      const [version, active] = await Promise.all([
        get(ref, selector, signal),
        get(ref, { by: 'active' }, signal),
      ]);
      return version && { record: recordOf(ref.namespace, active), version: toVersion(version) };
    },
    async versions({ namespace, name }, { after, limit }, signal) {
      const listing = [namespace, name];
      const pageToken = after === 0 ? '' : tokens.of(listing, after);
      const reply = await ifFound(
        client.listVersions(
          { namespace, name, pageSize: limit, pageToken },
          { signal: abortSignalOf(signal) },
        ),
      );
      if (!reply) return undefined;
      const versions = reply.versions.map(toVersion);
      if (reply.nextPageToken) tokens.remember(listing, versions.at(-1)?.version, reply.nextPageToken);
      return { versions, hasMore: reply.nextPageToken !== '' };
    },
    async list(namespace, { prefix, after, limit }, signal) {
      const listing = [namespace, prefix];
      const pageToken = after === undefined ? '' : tokens.of(listing, after);
      const reply = await client.list(
        { namespace, prefix, pageSize: limit, pageToken },
        { signal: abortSignalOf(signal) },
      );
      const records = reply.schemas.map((schema) => recordOf(namespace, schema));
      if (reply.nextPageToken) tokens.remember(listing, records.at(-1)?.name, reply.nextPageToken);
      return { records, hasMore: reply.nextPageToken !== '' };
    },
    async count(namespace, signal) {
      return (await client.list({ namespace, pageSize: 1 }, { signal: abortSignalOf(signal) })).totalSize;
    },
    async revert(ref, version, { author, note }, requestId = '', signal) {
      const request = { ...ref, version: BigInt(version), author, note, requestId };
      const { active } = await client.revert(request, { signal: abortSignalOf(signal) });
      return recordOf(ref.namespace, active);
    },
    async remove(ref, what, requestId = '', signal) {
      if (what === 'all') {
        const reply = await ifFound(client.delete({ ...ref, requestId }, { signal: abortSignalOf(signal) }));
        return reply && { outcome: 'deleted' };
      }
      const reply = await ifFound(
        client.deleteActive({ ...ref, requestId }, { signal: abortSignalOf(signal) }),
      );
      if (!reply?.active) return reply && { outcome: 'deleted' };
      return { outcome: 'reverted', record: recordOf(ref.namespace, reply.active) };
    },
    async ping(signal) {
      await client.list({ pageSize: 1 }, { signal: abortSignalOf(signal) });
    },
    [Symbol.asyncDispose]: async () => channel.close(),
  };
}

function selectorOf(selector: VersionSelector) {
  switch (selector.by) {
    case 'active':
      return undefined;
    case 'version':
      return { $case: 'version', value: BigInt(selector.version) } as const;
    case 'fingerprint':
      return { $case: 'fingerprint', value: selector.fingerprint } as const;
  }
}

/** v1 shows no identity of a name's life. */
function recordOf(namespace: string, active: Message | undefined): SchemaRecord {
  const message = given(active, 'active');
  return { namespace, name: message.name, id: '', active: toVersion(message) };
}

function toVersion(message: Message): SchemaVersion {
  const { version, document, fingerprint, author, note, createTime } = message;
  const createdAt = given(createTime, 'create_time').getTime();
  return { version: Number(version), document, fingerprint, author, note, createdAt, statedAt: undefined };
}

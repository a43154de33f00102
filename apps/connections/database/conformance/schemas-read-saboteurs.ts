/** Drivers that break the clauses of schemas by what they read: SC-2xx, and SC-1xx where the text or name suffers. */
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { SchemaFound, SchemaRef, Schemas, SchemaVersion } from '../src/port/schemas.ts';

/** Keeps schemas under other references. */
function placed(change: (ref: SchemaRef) => SchemaRef): Saboteur<Schemas> {
  return (port) =>
    sabotaged(port, {
      register: (ref, ...rest) => port.register(change(ref), ...rest),
      find: (ref, ...rest) => port.find(change(ref), ...rest),
      versions: (ref, ...rest) => port.versions(change(ref), ...rest),
    });
}

function finding(
  change: (
    found: SchemaFound | undefined,
    ...call: [Schemas, ...Parameters<Schemas['find']>]
  ) => SchemaFound | undefined | Promise<SchemaFound | undefined>,
): Saboteur<Schemas> {
  return (port) =>
    sabotaged(port, { find: async (...call) => change(await port.find(...call), port, ...call) });
}

function versioned(
  change: (versions: readonly SchemaVersion[]) => readonly SchemaVersion[],
): Saboteur<Schemas> {
  return (port) =>
    sabotaged(port, {
      async versions(...call) {
        const page = await port.versions(...call);
        return page && { ...page, versions: change(page.versions) };
      },
    });
}

export const schemasReadSaboteurs: Saboteurs<Schemas> = {
  'SC-102': (port) =>
    sabotaged(port, { find: (ref, _, signal) => port.find(ref, { by: 'version', version: 1 }, signal) }),
  'SC-109': versioned((versions) => versions.map((version) => ({ ...version, note: '' }))),
  'SC-110': placed((ref) => ({ ...ref, name: ref.name.normalize().toLowerCase() })),
  'SC-111': placed((ref) => ({ ...ref, name: ref.name.replaceAll(/[.$]/g, '_') })),
  'SC-112': placed((ref) => ({ ...ref, namespace: 'all' })),

  'SC-201': finding((found, port, ref, selector, signal) =>
    found ? found : port.find({ ...ref, name: 'other' }, selector, signal),
  ),
  'SC-202': finding((found) => found && { ...found, record: { ...found.record, active: found.version } }),
  'SC-203': finding(async (found, port, ref, _, signal) => {
    const page = await port.versions(ref, { after: 0, limit: 100 }, signal);
    const oldest = page?.versions.find((version) => version.fingerprint === found?.version.fingerprint);
    return found && { ...found, version: oldest ?? found.version };
  }),
  'SC-204': finding((found, port, ref, _, signal) => found ?? port.find(ref, { by: 'active' }, signal)),
  'SC-205': versioned((versions) => versions.slice(0, -1)),
  'SC-206': (port) =>
    sabotaged(port, {
      versions: (ref, page, signal) =>
        port.versions(ref, { ...page, after: page.after > 0 ? page.after + 1 : 0 }, signal),
    }),
  'SC-207': (port) =>
    sabotaged(port, {
      async list(...call) {
        const page = await port.list(...call);
        return { ...page, records: page.records.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
      },
    }),
  'SC-208': (port) =>
    sabotaged(port, {
      list: (namespace, page, signal) =>
        port.list(namespace, { ...page, prefix: page.prefix.replaceAll(/[.*^]/g, '') }, signal),
    }),
  'SC-209': (port) =>
    sabotaged(port, { list: async (...call) => ({ ...(await port.list(...call)), hasMore: false }) }),
  'SC-210': (port) =>
    sabotaged(port, {
      async count(namespace, signal) {
        return (await port.count(namespace, signal)) + (await port.count(`${namespace}-b`, signal));
      },
    }),
  'SC-211': (port) => {
    let registered = 0;
    return sabotaged(port, {
      async register(...call) {
        registered += 1;
        return port.register(...call);
      },
      count: async () => registered,
    });
  },
  'SC-307': versioned((versions) => versions.map((version, index) => ({ ...version, version: index + 1 }))),
  // Knows names from memory.
  'SC-501': (port) => {
    const known = new Set<string>();
    return sabotaged(port, {
      register(ref, ...rest) {
        known.add(ref.name);
        return port.register(ref, ...rest);
      },
      async list(...call) {
        const page = await port.list(...call);
        return { ...page, records: page.records.filter((record) => known.has(record.name)) };
      },
    });
  },
  'SC-505': (port) =>
    sabotaged(port, { count: (namespace) => port.count(namespace, new AbortController().signal) }),
  'SC-803': versioned((versions) => versions.map((version) => ({ ...version, statedAt: undefined }))),
};

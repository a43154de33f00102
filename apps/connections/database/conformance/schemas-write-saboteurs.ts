/** Drivers that break the clauses of schemas by what they write: SC-1xx, SC-3xx to SC-8xx. */
import { createHash, randomUUID } from 'node:crypto';
import { failure } from '@connections/runtime/errors';
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { Registration, SchemaCandidate, SchemaRemoval, Schemas } from '../src/port/schemas.ts';
import { candidate } from './schemas-acts.ts';

/** Registers another candidate. */
function registering(change: (candidate: SchemaCandidate) => SchemaCandidate): Saboteur<Schemas> {
  return (port) =>
    sabotaged(port, { register: (ref, given, ...rest) => port.register(ref, change(given), ...rest) });
}

/** Answers otherwise than it registered. */
function answering(change: (registration: Registration) => Registration): Saboteur<Schemas> {
  return (port) => sabotaged(port, { register: async (...call) => change(await port.register(...call)) });
}

const forgetsRequestIds: Saboteur<Schemas> = (port) =>
  sabotaged(port, {
    register: (ref, given, options, signal) =>
      port.register(ref, given, { ...options, requestId: undefined }, signal),
    revert: (ref, version, stamp, _, signal) => port.revert(ref, version, stamp, undefined, signal),
    remove: (ref, what, _, signal) => port.remove(ref, what, undefined, signal),
  });

const unsalted = (document: string) => createHash('sha256').update(document).digest('hex');
const plain = { mustExist: false, requestId: undefined };

export const schemasWriteSaboteurs: Saboteurs<Schemas> = {
  'SC-101': answering((registration) => ({ ...registration, outcome: 'updated' })),
  'SC-103': registering((given) => ({ ...given, fingerprint: randomUUID() })),
  'SC-104': registering((given) => ({ ...given, fingerprint: unsalted(given.document) })),
  'SC-105': registering((given) => ({ ...given, fingerprint: [...given.document].sort().join('') })),
  'SC-106': (port) =>
    sabotaged(port, {
      async register(ref, given, options, signal) {
        const found = await port.find(ref, { by: 'fingerprint', fingerprint: given.fingerprint }, signal);
        if (found) return { outcome: 'unchanged', record: found.record };
        return port.register(ref, given, options, signal);
      },
    }),
  'SC-107': registering((given) => ({ ...given, document: JSON.stringify(JSON.parse(given.document)) })),
  'SC-108': registering((given) => ({ ...given, document: given.document.slice(0, 262_000) })),

  // Reverts by removing what came after.
  'SC-301': (port) =>
    sabotaged(port, {
      async revert(ref, version, _stamp, _requestId, signal) {
        for (;;) {
          const found = await port.find(ref, { by: 'active' }, signal);
          if (!found) throw failure('SCHEMA_NOT_FOUND', { name: ref.name });
          if (found.version.version <= version) return found.record;
          await port.remove(ref, 'active', undefined, signal);
        }
      },
    }),
  'SC-302': (port) =>
    sabotaged(port, {
      revert: (ref, version, stamp, ...rest) =>
        port.revert(ref, version, { ...stamp, author: 'nobody' }, ...rest),
    }),
  'SC-303': (port) =>
    sabotaged(port, {
      async revert(ref, version, stamp, _, signal) {
        const found = await port.find(ref, { by: 'version', version }, signal);
        if (!found) throw failure('SCHEMA_NOT_FOUND', { name: ref.name });
        const again = { ...found.version, ...stamp, fingerprint: randomUUID() };
        return (await port.register(ref, again, plain, signal)).record;
      },
    }),
  'SC-304': (port) =>
    sabotaged(port, {
      async revert(ref, version, stamp, requestId, signal) {
        const found = await port.find(ref, { by: 'version', version }, signal);
        if (!found) return (await port.register(ref, candidate('{}'), plain, signal)).record;
        return port.revert(ref, version, stamp, requestId, signal);
      },
    }),
  'SC-305': (port) => sabotaged(port, { remove: (ref, _, ...rest) => port.remove(ref, 'all', ...rest) }),
  'SC-306': (port) => sabotaged(port, { remove: async () => ({ outcome: 'deleted' }) }),
  // Compares with the last content it was given, whatever became of it.
  'SC-308': (port) => {
    let last: string | undefined;
    return sabotaged(port, {
      async register(ref, given, options, signal) {
        const found = await port.find(ref, { by: 'active' }, signal);
        if (found && given.fingerprint === last) return { outcome: 'unchanged', record: found.record };
        const registration = await port.register(ref, given, options, signal);
        if (registration.outcome !== 'unchanged') last = given.fingerprint;
        return registration;
      },
    });
  },
  'SC-309': (port) => sabotaged(port, { remove: (ref, _, ...rest) => port.remove(ref, 'active', ...rest) }),
  'SC-310': (port) =>
    sabotaged(port, { remove: async (...call) => (await port.remove(...call)) ?? { outcome: 'deleted' } }),
  'SC-311': (port) => {
    let removed = false;
    return sabotaged(port, {
      remove(...call) {
        removed = true;
        return port.remove(...call);
      },
      async register(...call) {
        const registration = await port.register(...call);
        return removed ? { ...registration, outcome: 'updated' } : registration;
      },
    });
  },

  'SC-401': forgetsRequestIds,
  'SC-402': forgetsRequestIds,
  'SC-403': forgetsRequestIds,
  'SC-404': forgetsRequestIds,
  // Writers that come together share one write.
  'SC-405': (port) => {
    let writing: Promise<Registration> | undefined;
    return sabotaged(port, {
      register(...call) {
        writing ??= port.register(...call).finally(() => {
          writing = undefined;
        });
        return writing;
      },
    });
  },
  // Looks first and writes then.
  'SC-406': (port) =>
    sabotaged(port, {
      async register(ref, given, options, signal) {
        const found = await port.find(ref, { by: 'active' }, signal);
        const fingerprint = found ? given.fingerprint : randomUUID();
        return port.register(ref, { ...given, fingerprint }, options, signal);
      },
    }),
  'SC-407': (port) => {
    let removing: Promise<SchemaRemoval | undefined> | undefined;
    return sabotaged(port, {
      remove(...call) {
        removing ??= port.remove(...call).finally(() => {
          removing = undefined;
        });
        return removing;
      },
    });
  },

  'SC-408': forgetsRequestIds,
  'SC-409': (port) => {
    const requests: string[] = [];
    return sabotaged(port, {
      register(ref, given, options, signal) {
        const id = String(options.requestId);
        const requestId = requests.slice(-8).includes(id) ? id : `${id} as number ${requests.length}`;
        requests.push(id);
        return port.register(ref, given, { ...options, requestId }, signal);
      },
    });
  },

  'SC-502': (port) => sabotaged(port, { remove: async () => ({ outcome: 'deleted' }) }),
  'SC-503': forgetsRequestIds,
  'SC-504': (port) =>
    sabotaged(port, {
      remove: (ref, what, requestId) => port.remove(ref, what, requestId, new AbortController().signal),
    }),
  'SC-506': (port) =>
    sabotaged(port, {
      async register(ref, given, options, signal) {
        const found = await port.find(ref, { by: 'active' }, signal);
        if (found?.version.version === 1_000) await port.remove(ref, 'active', undefined, signal);
        return port.register(ref, given, options, signal);
      },
    }),
  'SC-507': (port) =>
    sabotaged(port, {
      async ping() {
        throw failure('STORE_UNREACHABLE', { store: 'schemas' });
      },
    }),

  'SC-801': (port) =>
    sabotaged(port, {
      register: (ref, given, options, signal) =>
        port.register(ref, given, { ...options, mustExist: false }, signal),
    }),
  'SC-802': (port) =>
    sabotaged(port, {
      async register(ref, given, options, signal) {
        if (options.mustExist) throw failure('SCHEMA_NOT_FOUND', { name: ref.name });
        return port.register(ref, given, options, signal);
      },
    }),
  'SC-804': (port) => {
    let first: string | undefined;
    return answering((registration) => {
      first ??= registration.record.id;
      return { ...registration, record: { ...registration.record, id: first } };
    })(port);
  },
  'SC-805': (port) => sabotaged(port, { [Symbol.asyncDispose]: async () => {} }),
};

/** Drivers that break the clauses CA-1xx, CA-2xx and CA-801: wrong keys, wrong values, wrong expiries. */
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { Cache, CacheEntry } from '../src/port/cache.ts';

/** Stores and reads under other keys. */
function keyed(change: (key: string) => string): Saboteur<Cache> {
  return (port) =>
    sabotaged(port, {
      get: (namespace, keys, signal) => port.get(namespace, keys.map(change), signal),
      set: (namespace, entries, signal) =>
        port.set(
          namespace,
          entries.map((entry) => ({ ...entry, key: change(entry.key) })),
          signal,
        ),
    });
}

/** Stores other entries than it was given. */
function storing(change: (entry: CacheEntry, index: number) => CacheEntry): Saboteur<Cache> {
  return (port) =>
    sabotaged(port, {
      set: (namespace, entries, signal) => port.set(namespace, entries.map(change), signal),
    });
}

function expiring(change: (expiresAt: number, index: number) => number): Saboteur<Cache> {
  return storing((entry, index) => ({ ...entry, expiresAt: change(entry.expiresAt, index) }));
}

/** Reads other entries than it stored. */
function reading(change: (entry: CacheEntry | undefined) => CacheEntry | undefined): Saboteur<Cache> {
  return (port) =>
    sabotaged(port, {
      get: async (namespace, keys, signal) => (await port.get(namespace, keys, signal)).map(change),
    });
}

/** Leaves alone what is there already. */
const firstSetWins: Saboteur<Cache> = (port) =>
  sabotaged(port, {
    async set(namespace, entries, signal) {
      const keys = entries.map((entry) => entry.key);
      const there = await port.get(namespace, keys, signal);
      const fresh = entries.filter((_, index) => there[index] === undefined);
      await port.set(namespace, fresh, signal);
    },
  });

const latin1 = (value: Uint8Array) => new TextEncoder().encode(new TextDecoder().decode(value));

export const cacheEntrySaboteurs: Saboteurs<Cache> = {
  'CA-101': reading((entry) => entry ?? { key: 'never', value: new Uint8Array(), expiresAt: 0 }),
  'CA-102': storing((entry) => ({ ...entry, value: latin1(entry.value) })),
  'CA-103': reading((entry) => (entry?.value.length ? entry : undefined)),
  'CA-104': storing((entry) => ({ ...entry, value: entry.value.subarray(0, 1_000_000) })),
  'CA-105': keyed((key) => key.toLowerCase()),
  'CA-106': keyed((key) => key.normalize()),
  'CA-107': keyed((key) => key.replaceAll(/[.:/]/g, '_')),
  'CA-108': keyed((key) => key.slice(0, 511)),
  'CA-109': (port) =>
    sabotaged(port, {
      get: (namespace, keys, signal) =>
        port.get(
          'all',
          keys.map((key) => namespace + key),
          signal,
        ),
      set: (namespace, entries, signal) =>
        port.set(
          'all',
          entries.map((entry) => ({ ...entry, key: namespace + entry.key })),
          signal,
        ),
    }),
  'CA-110': firstSetWins,
  'CA-111': (port) =>
    sabotaged(port, {
      async get(namespace, keys, signal) {
        const distinct = [...new Set(keys)].sort();
        return port.get(namespace, distinct, signal);
      },
    }),
  'CA-112': reading((entry) => entry && { ...entry, expiresAt: entry.expiresAt / 1_000 }),

  'CA-201': expiring((at) => at - 2_500),
  'CA-202': expiring((at) => at + 60_000),
  'CA-203': (port) => {
    const expired: CacheEntry = { key: 'a', value: new Uint8Array(), expiresAt: 0 };
    return sabotaged(port, {
      async list(namespace, range, signal) {
        const page = await port.list(namespace, range, signal);
        return { ...page, entries: [expired, ...page.entries] };
      },
    });
  },
  'CA-204': (port) => sabotaged(port, { delete: async (_, keys) => keys.length }),
  'CA-205': firstSetWins,
  'CA-206': (port) => {
    let latest = 0;
    return expiring((at) => {
      latest = Math.max(latest, at);
      return latest;
    })(port);
  },
  'CA-207': (port) =>
    sabotaged(port, {
      set: (namespace, entries, signal) =>
        port.set(
          namespace,
          entries.map((entry) => ({ ...entry, expiresAt: entries[0]?.expiresAt ?? 0 })),
          signal,
        ),
    }),
  'CA-208': (port) => {
    const seen = new Set<string>();
    return storing((entry) => {
      const again = seen.has(entry.key);
      seen.add(entry.key);
      return again ? { ...entry, expiresAt: 0 } : entry;
    })(port);
  },
  // What a timer of 32 bits makes of thirty days.
  'CA-209': expiring((at) => at - 2 ** 31),
  // Keeps expiries in memory.
  'CA-210': (port) => {
    const known = new Set<string>();
    return sabotaged(port, {
      set(namespace, entries, signal) {
        for (const entry of entries) known.add(entry.key);
        return port.set(namespace, entries, signal);
      },
      get: async (namespace, keys, signal) => {
        const entries = await port.get(namespace, keys, signal);
        return entries.map((entry, index) => {
          const key = keys[index] ?? '';
          return known.has(key) ? entry : { key, value: new TextEncoder().encode('1'), expiresAt: Infinity };
        });
      },
    });
  },

  'CA-801': firstSetWins,
};

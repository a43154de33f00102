/** Drivers that break the clauses CA-3xx to CA-8xx: wrong lists, wrong removals, lost and late effects. */
import { failure } from '@connections/runtime/errors';
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { Cache, CacheEntry, CachePage, CacheRange } from '../src/port/cache.ts';

/** Asks for another range. */
function ranged(change: (range: CacheRange) => CacheRange): Saboteur<Cache> {
  return (port) =>
    sabotaged(port, { list: (namespace, range, signal) => port.list(namespace, change(range), signal) });
}

/** Answers with another page. */
function paged(change: (page: CachePage, range: CacheRange) => CachePage): Saboteur<Cache> {
  return (port) =>
    sabotaged(port, {
      list: async (namespace, range, signal) => change(await port.list(namespace, range, signal), range),
    });
}

/** Pages by offset, which moves when entries come and go. */
const offsetPaging: Saboteur<Cache> = (port) => {
  let offset = 0;
  return sabotaged(port, {
    async list(namespace, range, signal) {
      if (range.after === undefined) offset = 0;
      const whole = { ...range, after: undefined, limit: offset + range.limit };
      const { entries, hasMore } = await port.list(namespace, whole, signal);
      const page = entries.slice(offset);
      offset = entries.length;
      return { entries: page, hasMore };
    },
  });
};

const countsBeforeRemoving: Saboteur<Cache> = (port) =>
  sabotaged(port, {
    async delete(namespace, keys, signal) {
      const there = await port.get(namespace, keys, signal);
      await port.delete(namespace, keys, signal);
      return there.filter(Boolean).length;
    },
  });

const literal = /[*?[\]\\]/;

export const cacheCallSaboteurs: Saboteurs<Cache> = {
  'CA-301': paged((page) => ({
    ...page,
    entries: page.entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  })),
  'CA-302': paged((page, { prefix }) => ({
    ...page,
    entries: page.entries.filter((entry) => entry.key !== prefix),
  })),
  'CA-303': ranged((range) =>
    literal.test(range.prefix) ? { ...range, prefix: range.prefix.split(literal)[0] ?? '' } : range,
  ),
  'CA-304': (port) =>
    sabotaged(port, {
      async list(namespace, range, signal) {
        const page = await port.list(namespace, range, signal);
        const other = await port.list(`${namespace}-b`, range, signal);
        return { ...page, entries: [...page.entries, ...other.entries] };
      },
    }),
  'CA-305': paged((page, { limit }) => ({ ...page, hasMore: page.entries.length === limit })),
  'CA-306': paged((page, { after }) => ({
    ...page,
    entries: after === undefined ? page.entries : page.entries.slice(1),
  })),
  'CA-307': offsetPaging,
  'CA-308': offsetPaging,
  'CA-309': ranged((range) => ({ ...range, keysOnly: false })),
  'CA-310': ranged((range) => ({ ...range, keysOnly: true })),
  'CA-311': ranged((range) => ({ ...range, maxBytes: range.maxBytes * 2 })),
  'CA-312': paged((page, { maxBytes }) =>
    page.entries[0] && page.entries[0].value.length >= maxBytes ? { entries: [], hasMore: true } : page,
  ),
  'CA-313': paged((page) => ({ ...page, hasMore: true })),

  'CA-401': (port) =>
    sabotaged(port, {
      async delete(namespace, keys, signal) {
        const prefix = keys[0] ?? '';
        const range = { prefix, after: undefined, limit: 100, maxBytes: 1_000, keysOnly: true };
        const { entries } = await port.list(namespace, range, signal);
        return port.delete(namespace, [...keys, ...entries.map((entry) => entry.key)], signal);
      },
    }),
  'CA-402': (port) =>
    sabotaged(port, {
      async delete(namespace, keys, signal) {
        await port.delete(namespace, keys, signal);
        return keys.length;
      },
    }),
  'CA-403': countsBeforeRemoving,
  'CA-404': (port) =>
    sabotaged(port, {
      async delete(namespace, keys, signal) {
        await port.delete(`${namespace}-b`, keys, signal);
        return port.delete(namespace, keys, signal);
      },
    }),
  'CA-405': (port) => {
    const gone = new Set<string>();
    return sabotaged(port, {
      delete(namespace, keys, signal) {
        for (const key of keys) gone.add(key);
        return port.delete(namespace, keys, signal);
      },
      set: (namespace, entries, signal) =>
        port.set(
          namespace,
          entries.filter((entry) => !gone.has(entry.key)),
          signal,
        ),
    });
  },
  'CA-406': (port) =>
    sabotaged(port, {
      async clear(namespace, signal) {
        const range = { prefix: '', after: undefined, limit: 64, maxBytes: 1_000_000, keysOnly: true };
        const { entries } = await port.list(namespace, range, signal);
        await port.delete(
          namespace,
          entries.map((entry) => entry.key),
          signal,
        );
      },
    }),
  'CA-407': (port) =>
    sabotaged(port, {
      async clear(namespace, signal) {
        await port.clear(namespace, signal);
        await port.clear(`${namespace}-b`, signal);
      },
    }),
  'CA-408': (port) => {
    const cleared = new Set<string>();
    return sabotaged(port, {
      clear: async (namespace) => void cleared.add(namespace),
      async list(namespace, range, signal) {
        const page = await port.list(namespace, range, signal);
        return cleared.has(namespace) ? { entries: [], hasMore: false } : page;
      },
    });
  },
  'CA-409': (port) =>
    sabotaged(port, {
      async clear(namespace, signal) {
        const range = { prefix: '', after: undefined, limit: 1, maxBytes: 1, keysOnly: true };
        const { entries } = await port.list(namespace, range, signal);
        if (entries.length === 0) throw failure('STORE_UNREACHABLE', { store: 'cache' });
        await port.clear(namespace, signal);
      },
    }),

  'CA-501': (port) => {
    let last: CacheEntry | undefined;
    return sabotaged(port, {
      async set(namespace, entries, signal) {
        const mixed = entries.map((entry) => {
          const value = entry.value.slice();
          value.set((last ?? entry).value.subarray(0, 1_000));
          return { ...entry, value };
        });
        last = entries[0];
        await port.set(namespace, mixed, signal);
      },
    });
  },
  'CA-502': (port) => {
    let calls = 0;
    return sabotaged(port, {
      async set(namespace, entries, signal) {
        calls += 1;
        if (calls % 7 !== 0) await port.set(namespace, entries, signal);
      },
    });
  },
  'CA-503': countsBeforeRemoving,
  'CA-504': (port) =>
    sabotaged(port, {
      async set(namespace, entries, signal) {
        setImmediate(() => port.set(namespace, entries, signal).catch(() => {}));
      },
    }),
  'CA-505': (port) => {
    const known = new Set<string>();
    return sabotaged(port, {
      set(namespace, entries, signal) {
        for (const entry of entries) known.add(entry.key);
        return port.set(namespace, entries, signal);
      },
      get: async (namespace, keys, signal) =>
        (await port.get(namespace, keys, signal)).map((entry) =>
          entry && known.has(entry.key) ? entry : undefined,
        ),
    });
  },
  'CA-506': (port) =>
    sabotaged(port, {
      delete: async () => 1,
      clear: async () => {},
    }),
  'CA-507': (port) =>
    sabotaged(port, {
      async set(namespace, entries, signal) {
        await port.set(namespace, entries, new AbortController().signal);
        signal.throwIfAborted();
      },
    }),
  'CA-508': (port) =>
    sabotaged(port, {
      list: (namespace, range) => port.list(namespace, range, new AbortController().signal),
    }),
  'CA-509': (port) =>
    sabotaged(port, {
      async ping() {
        throw failure('STORE_UNREACHABLE', { store: 'cache' });
      },
    }),

  'CA-802': ranged((range) => ({ ...range, maxBytes: Math.max(range.maxBytes, 1_024) })),
  'CA-803': (port) =>
    sabotaged(port, {
      async list(namespace, range, signal) {
        const page = await port.list(namespace, { ...range, after: undefined }, signal);
        const at = page.entries.findIndex((entry) => entry.key === range.after);
        return { entries: at < 0 ? [] : page.entries.slice(at + 1), hasMore: false };
      },
    }),
  'CA-804': (port) => sabotaged(port, { [Symbol.asyncDispose]: async () => {} }),
  'CA-805': (port) =>
    sabotaged(port, {
      async list(namespace, { accept = () => true, ...range }, signal) {
        const page = await port.list(namespace, range, signal);
        return { ...page, entries: page.entries.filter((entry) => accept(entry.key)) };
      },
    }),
};

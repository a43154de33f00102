// temporary, until the embedded drivers land
import type { Clock } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { Cache, CacheEntry } from '../src/port/cache.ts';
import type { SchemaRecord, Schemas, SchemaVersion } from '../src/port/schemas.ts';
import type { Task, Tasks } from '../src/port/tasks.ts';

export async function openMemoryPorts(clock: Clock) {
  const spaces = new Map<string, Map<string, CacheEntry>>();
  const space = (n: string) => {
    let s = spaces.get(n);
    if (!s) {
      s = new Map();
      spaces.set(n, s);
    }
    for (const [k, e] of s) if (e.expiresAt <= clock.now()) s.delete(k);
    return s;
  };
  const dispose = async () => {};
  const cache: Cache = {
    capabilities: { durable: false, expiryResolutionMs: 0 },
    get: async (n, keys) => keys.map((k) => space(n).get(k)),
    set: async (n, entries) => {
      const s = space(n);
      for (const e of entries) s.set(e.key, e);
    },
    delete: async (n, keys) => {
      const s = space(n);
      return keys.filter((k) => s.delete(k)).length;
    },
    list: async (n, range) => {
      const all = [...space(n).values()]
        .filter(
          (e) =>
            e.key.startsWith(range.prefix) &&
            (range.after === undefined || Buffer.compare(Buffer.from(e.key), Buffer.from(range.after)) > 0),
        )
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
      const entries: CacheEntry[] = [];
      let bytes = 0;
      for (const e of all) {
        bytes += e.key.length + (range.keysOnly ? 0 : e.value.length);
        if (entries.length > 0 && (entries.length >= range.limit || bytes > range.maxBytes)) break;
        entries.push(range.keysOnly ? { ...e, value: Buffer.of() } : e);
      }
      return { entries, hasMore: entries.length < all.length };
    },
    clear: async (n) => {
      spaces.delete(n);
    },
    ping: async () => {},
    [Symbol.asyncDispose]: dispose,
  };
  const schemaMap = new Map<string, { id: string; versions: SchemaVersion[] }>();
  const rec = (name: string): SchemaRecord | undefined => {
    const r = schemaMap.get(name);
    return r && { namespace: 'default', name, id: r.id, active: r.versions.at(-1) as SchemaVersion };
  };
  const schemas = {
    capabilities: { durable: false },
    register: async (ref: any, candidate: any, options: any) => {
      let r = schemaMap.get(ref.name);
      if (!r) {
        if (options.mustExist) throw failure('SCHEMA_NOT_FOUND', { name: ref.name });
        r = { id: `id-${ref.name}`, versions: [] };
        schemaMap.set(ref.name, r);
      } else if (r.versions.at(-1)?.fingerprint === candidate.fingerprint)
        return { outcome: 'unchanged', record: rec(ref.name) };
      r.versions.push({ ...candidate, version: (r.versions.at(-1)?.version ?? 0) + 1 });
      return { outcome: r.versions.length > 1 ? 'updated' : 'created', record: rec(ref.name) };
    },
    find: async (ref: any) => {
      const record = rec(ref.name);
      return record && { record, version: record.active };
    },
    versions: async (ref: any, page: any) => {
      const r = schemaMap.get(ref.name);
      if (!r) return undefined;
      const rest = r.versions.filter((v) => v.version > page.after);
      return { versions: rest.slice(0, page.limit), hasMore: rest.length > page.limit };
    },
    list: async (_: any, page: any) => {
      const names = [...schemaMap.keys()].sort().filter((n) => page.after === undefined || n > page.after);
      return { records: names.slice(0, page.limit).map((n) => rec(n)), hasMore: names.length > page.limit };
    },
    count: async () => schemaMap.size,
    remove: async (ref: any, what: string) => {
      const r = schemaMap.get(ref.name);
      if (!r) return undefined;
      r.versions.pop();
      if (what === 'active' && r.versions.length) return { outcome: 'reverted', record: rec(ref.name) };
      schemaMap.delete(ref.name);
      return { outcome: 'deleted' };
    },
    ping: async () => {},
    [Symbol.asyncDispose]: dispose,
  } as unknown as Schemas;
  const taskMap = new Map<string, Task>();
  const keyOf = (ref: any) => `${ref.category}\0${ref.id}`;
  const tasks = {
    capabilities: { durable: false },
    put: async (ref: any, state: any) => {
      const created = !taskMap.has(keyOf(ref));
      const task = {
        ...ref,
        ...state,
        data: new Map(state.data),
        fields: new Map(),
        importName: state.data.get('import_name') || 'default',
      };
      taskMap.set(keyOf(ref), task);
      return { task, created, durability: 'DURABLE', token: 't' };
    },
    patch: async (ref: any, patch: any) => {
      const old = taskMap.get(keyOf(ref));
      if (!old) throw failure('TASK_NOT_FOUND', { category: ref.category, id: ref.id });
      const { data, fields, ...rest } = patch;
      const next: any = { ...old, ...rest };
      if (data) next.data = data.replace ? new Map(data.set) : new Map([...old.data, ...data.set]);
      if (fields) next.fields = new Map([...old.fields, ...fields]);
      next.importName = next.data.get('import_name') || 'default';
      taskMap.set(keyOf(ref), next);
      return { task: next, created: false, durability: 'DURABLE', token: 't' };
    },
    remove: async (ref: any) => ({ removed: taskMap.delete(keyOf(ref)), durability: 'DURABLE', token: 't' }),
    get: async (ref: any) => ({ task: taskMap.get(keyOf(ref)), source: 'AUTHORITY', token: 't' }),
    list: async (q: any) => ({
      tasks: [...taskMap.values()].filter((t) => t.category === q.category && t.importName === q.importName),
      next: undefined,
      source: 'AUTHORITY',
      partial: false,
    }),
    ping: async () => {},
    [Symbol.asyncDispose]: dispose,
  } as unknown as Tasks;
  return { cache, schemas, tasks, [Symbol.asyncDispose]: dispose };
}

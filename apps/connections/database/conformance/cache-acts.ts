/** What the clauses of the cache do again and again. */
import type { Clause, World } from '@connections/testing';
import type { Cache, CacheEntry, CacheRange } from '../src/port/cache.ts';

export type CacheClause = Clause<Cache>;
export type CacheWorld = World<Cache>;

/** An expiry that no clause waits for. */
export const hourMs = 3_600_000;

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function setTexts(
  { port, namespace, signal, now }: CacheWorld,
  texts: Readonly<Record<string, string>>,
  ttlMs = hourMs,
): Promise<void> {
  const entries = Object.entries(texts).map(([key, text]) => ({
    key,
    value: bytes(text),
    expiresAt: now() + ttlMs,
  }));
  return port.set(namespace, entries, signal);
}

export function setKeys(world: CacheWorld, keys: readonly string[], ttlMs = hourMs): Promise<void> {
  const entries = keys.map((key) => ({ key, value: bytes(`of ${key}`), expiresAt: world.now() + ttlMs }));
  return world.port.set(world.namespace, entries, world.signal);
}

/** The texts under the keys, in their order; undefined for a key that has none. */
export async function texts(
  { port, namespace, signal }: CacheWorld,
  ...keys: readonly string[]
): Promise<(string | undefined)[]> {
  const entries = await port.get(namespace, keys, signal);
  return entries.map((entry) => entry && new TextDecoder().decode(entry.value));
}

export function rangeOf(range: Partial<CacheRange>): CacheRange {
  return { prefix: '', after: undefined, limit: 100, maxBytes: 1_000_000, keysOnly: false, ...range };
}

/** The keys of the first page of a range. */
export async function listed(world: CacheWorld, range: Partial<CacheRange> = {}): Promise<string[]> {
  const page = await world.port.list(world.namespace, rangeOf(range), world.signal);
  return page.entries.map((entry) => entry.key);
}

/** The pages of a range to its end, each asked for when the one before was taken. */
export async function* pages(
  { port, namespace, signal }: CacheWorld,
  range: Partial<CacheRange>,
): AsyncIterable<readonly CacheEntry[]> {
  let after: string | undefined;
  for (;;) {
    const page = await port.list(namespace, rangeOf({ ...range, after }), signal);
    yield page.entries;
    const last = page.entries.at(-1);
    if (!page.hasMore || !last) return;
    after = last.key;
  }
}

/** The keys of all pages of a range, in the order met. */
export async function walked(world: CacheWorld, range: Partial<CacheRange>): Promise<string[]> {
  const keys: string[] = [];
  for await (const entries of pages(world, range)) keys.push(...entries.map((entry) => entry.key));
  return keys;
}

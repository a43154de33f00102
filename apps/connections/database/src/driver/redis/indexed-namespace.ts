/**
 * A namespace of ours: all of it in one slot, with an index, so that every operation is one atomic script, and a list
 * costs what it returns. Index `cs:c:{name}`, a sorted set of one score and so in the order of the keys' bytes; entries
 * `cs:c:{name}:<key>`, the expiry before the value, so that a plain GET reads both at one moment.
 */
import type { Ending } from '@connections/runtime';
import type { CacheEntry, CachePage, CacheRange } from '../../port/cache.ts';
import { clearIndexed, headerBytes, pageIndexed, removeIndexed, writeIndexed } from './cache-scripts.ts';
import { PageRoom } from './page-room.ts';
import type { RedisCalls } from './redis-calls.ts';
import type { Argument, Reply } from './redis-connection.ts';

/** Members of an index that one script looks at: it holds up everybody else on that server. */
const membersPerScript = 1_000;
const removedPerScript = 512;

export class IndexedNamespace {
  readonly #calls: RedisCalls;
  readonly #index: string;

  constructor(calls: RedisCalls, name: string) {
    this.#calls = calls;
    this.#index = `cs:c:{${withoutBraces(name)}}`;
  }

  async get(keys: readonly string[], signal: Ending): Promise<readonly (CacheEntry | undefined)[]> {
    const [key] = keys;
    if (key !== undefined && keys.length === 1) {
      const name = this.#nameOf(key);
      return [entryOf(key, await this.#calls.read(name, ['GET', name], signal))];
    }
    this.#calls.check(signal);
    if (keys.length === 0) return [];
    const names = keys.map((each) => this.#nameOf(each));
    const found = await this.#calls.read(this.#index, ['MGET', ...names], signal);
    return keys.map((each, at) => entryOf(each, (found as readonly Reply[])[at]));
  }

  async set(entries: readonly CacheEntry[], signal: Ending): Promise<void> {
    this.#calls.check(signal);
    if (entries.length === 0) return;
    const offset = this.#calls.servers.clockOffsetMs(this.#index);
    const args: Argument[] = [];
    for (const { key, value, expiresAt } of entries)
      args.push(key, withHeader(value, expiresAt), String(expiresAt + offset));
    await this.#calls.run(
      writeIndexed,
      [this.#index, ...entries.map(({ key }) => this.#nameOf(key))],
      args,
      signal,
    );
  }

  async delete(keys: readonly string[], signal: Ending): Promise<number> {
    const unique = [...new Set(keys)];
    this.#calls.check(signal);
    if (unique.length === 0) return 0;
    const names = unique.map((key) => this.#nameOf(key));
    return (await this.#calls.run(removeIndexed, [this.#index, ...names], unique, signal)) as number;
  }

  async list(range: CacheRange, signal: Ending): Promise<CachePage> {
    const { prefix, after, keysOnly, accept } = range;
    const first = Buffer.from(prefix);
    const next = after === undefined ? undefined : Buffer.from(after);
    let from = next && Buffer.compare(next, first) >= 0 ? bound('(', next) : bound('[', first);
    const to = first.length > 0 ? bound('(', successor(first)) : '+';
    const entries: CacheEntry[] = [];
    const room = new PageRoom(range);
    for (;;) {
      // Of what comes back a filter may leave nothing, so that a page's own room says nothing of what to ask for.
      const step = accept ? new PageRoom(range) : room;
      const flags = [keysOnly ? '1' : '0', step.empty ? '0' : '1'];
      const args = [from, to, String(step.entries), String(step.bytes), ...flags, String(membersPerScript)];
      const reply = await this.#calls.run(pageIndexed, [this.#index], args, signal);
      const [afterwards, last, found] = reply as [number, Buffer, Buffer[]];
      for (let at = 0; at < found.length; at += 2) {
        const key = found[at] as Buffer;
        const entry = entryOf(key.toString(), found[at + 1]);
        if (!entry || (accept && !accept(entry.key))) continue;
        if (!room.take(key.length + entry.value.length)) return { entries, hasMore: true };
        entries.push(entry);
      }
      if (afterwards === 0 || (afterwards === 1 && !accept)) return { entries, hasMore: afterwards === 1 };
      from = bound('(', last);
    }
  }

  /** In batches: not at one moment, and whatever is left when the signal aborts, the next clear removes. */
  async clear(signal: Ending): Promise<void> {
    let removed: Reply;
    do {
      removed = await this.#calls.run(clearIndexed, [this.#index], [String(removedPerScript)], signal);
    } while (removed === removedPerScript);
  }

  #nameOf(key: string): string {
    return `${this.#index}:${key}`;
  }
}

/** Injective. Braces would end the hash tag early, and the scripts would meet other slots. */
function withoutBraces(name: string): string {
  return name.replace(/[%{}]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

function withHeader(value: Uint8Array, expiresAt: number): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes + value.length);
  bytes.writeUIntBE(Math.max(0, Math.floor(expiresAt)), 0, headerBytes);
  bytes.set(value, headerBytes);
  return bytes;
}

function entryOf(key: string, bytes: Reply | undefined): CacheEntry | undefined {
  if (!Buffer.isBuffer(bytes) || bytes.length < headerBytes) return undefined;
  const value = new Uint8Array(bytes.buffer, bytes.byteOffset + headerBytes, bytes.length - headerBytes);
  return { key, value, expiresAt: bytes.readUIntBE(0, headerBytes) };
}

function bound(kind: '(' | '[', bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(kind), bytes]);
}

/** The first text that does not start with these bytes: UTF-8 has no byte 255, so that there is one. */
function successor(bytes: Buffer): Buffer {
  const next = Buffer.from(bytes);
  next[next.length - 1] = (next.at(-1) ?? 0) + 1;
  return next;
}

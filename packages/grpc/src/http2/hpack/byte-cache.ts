/** What runs of bytes were decoded to when they came before. */

/** Enough for a connection that says little. */
const fewestSlots = 8;
const mostSlots = 64;
/** Of all that were offered nothing: never written to. */
const nothingKept: undefined[] = new Array(fewestSlots).fill(undefined);
/** What comes again is small; a longer run is not worth its copy. */
const largestBytes = 256;

/** The bytes of the run that was looked for last, four to a word. Shared by all, for none keeps them. */
const words = new Int32Array(largestBytes / 4 + 2);

/**
 * One result for each remainder of the hash, so that runs made to collide only push each other out. A result is kept when
 * its bytes come the second time: most of those that come once never come again.
 */
export class ByteCache<T> {
  #slots = fewestSlots;
  /** Hashes of what came and was not kept. Undefined until something was offered. */
  #seen: Int32Array | undefined;
  #keys: (Int32Array | undefined)[] = nothingKept;
  #results: (T | undefined)[] = nothingKept;
  /** Since it was emptied. */
  #kept = 0;
  /** Of the run that was looked for last. */
  #hash = 0;
  #words = 0;

  find(buffer: Uint8Array, start: number, end: number): T | undefined {
    if (end - start > largestBytes) return undefined;
    this.#read(buffer, start, end);
    const slot = this.#slot();
    const key = this.#keys[slot];
    if (key === undefined || key.length !== this.#words) return undefined;
    for (let at = 0; at < key.length; at++) {
      if (key[at] !== words[at]) return undefined;
    }
    return this.#results[slot];
  }

  /** Offers what the bytes that were looked for last have become. */
  offer(buffer: Uint8Array, start: number, end: number, result: T): void {
    if (end - start > largestBytes) return;
    const slot = this.#slot();
    const seen = this.#seen ?? this.#begin(fewestSlots);
    if (seen[slot] !== this.#hash) {
      seen[slot] = this.#hash;
      return;
    }
    // Other caches have used the words since.
    this.#read(buffer, start, end);
    this.#keys[slot] = words.slice(0, this.#words);
    this.#results[slot] = result;
    if (++this.#kept === this.#slots && this.#slots < mostSlots) this.#begin(mostSlots);
  }

  /** What the bytes mean has changed. */
  clear(): void {
    if (this.#kept === 0) return;
    this.#keys.fill(undefined);
    this.#results.fill(undefined);
    this.#kept = 0;
  }

  /** The first bits of a product are mixed best. */
  #slot(): number {
    return (this.#hash >>> 26) & (this.#slots - 1);
  }

  /** Anew: what comes again comes soon. */
  #begin(slots: number): Int32Array {
    const seen = new Int32Array(slots);
    this.#slots = slots;
    this.#seen = seen;
    this.#keys = new Array(slots).fill(undefined);
    this.#results = new Array(slots).fill(undefined);
    this.#kept = 0;
    return seen;
  }

  /** The first word is the length, so that what fills up the last one is told from bytes. */
  #read(buffer: Uint8Array, start: number, end: number): void {
    let hash = end - start;
    let count = 0;
    words[count++] = hash;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word =
        (buffer[at] as number) |
        ((buffer[at + 1] as number) << 8) |
        ((buffer[at + 2] as number) << 16) |
        ((buffer[at + 3] as number) << 24);
      words[count++] = word;
      hash = mixed(hash, word);
    }
    let rest = 0;
    for (; at < end; at++) rest = (rest << 8) | (buffer[at] as number);
    words[count++] = rest;
    this.#hash = mixed(hash, rest);
    this.#words = count;
  }
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** What still fits on a page of a list. */
import type { CacheRange } from '../../port/cache.ts';

export class PageRoom {
  #entries: number;
  #bytes: number;
  #empty = true;

  constructor({ limit, maxBytes }: Pick<CacheRange, 'limit' | 'maxBytes'>) {
    this.#entries = limit;
    this.#bytes = maxBytes;
  }

  get entries(): number {
    return this.#entries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The first entry fits whatever its size, where any may. */
  get empty(): boolean {
    return this.#empty;
  }

  /** False for an entry of this size that does not fit: the page ends before it. */
  take(bytes: number): boolean {
    if (this.#entries <= 0 || (!this.#empty && bytes > this.#bytes)) return false;
    this.#entries -= 1;
    this.#bytes -= bytes;
    this.#empty = false;
    return true;
  }
}

/** How full a store is, and the refusal of writes to a full one. */
import type { StoreSpace } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';

/** Changes between two counts within one commit. */
const changesPerCount = 32;

/**
 * Counts the pages that tables hold, not the file: deleting frees pages for reuse while the file keeps its size. A
 * count looks at each table's root only. The limit may be passed by what 32 changes write; removals need room
 * themselves (LMDB copies the pages it changes), which is why the limit is no property of the file.
 */
export class StoreUsage {
  readonly #maxBytes: number;
  readonly #tables: ReadonlyMap<string, { bytes(): number }>;
  #bytes = 0;
  #commit: number | undefined;
  #changes = 0;

  constructor(maxBytes: number, tables: ReadonlyMap<string, { bytes(): number }>) {
    this.#maxBytes = maxBytes;
    this.#tables = tables;
  }

  get space(): StoreSpace {
    let usedBytes = 0;
    for (const table of this.#tables.values()) usedBytes += table.bytes();
    return { usedBytes, limitBytes: this.#maxBytes };
  }

  /** Throws STORE_FULL at the limit. Inside a write only; `commit` tells one transaction from the next. */
  check(commit: number): void {
    this.#changes++;
    if (commit !== this.#commit || this.#changes >= changesPerCount) {
      this.#commit = commit;
      this.#changes = 0;
      this.#bytes = this.space.usedBytes;
    }
    if (this.#bytes >= this.#maxBytes) throw failure('STORE_FULL', { limit: `${this.#maxBytes} bytes` });
  }
}

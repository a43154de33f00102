/** Numbers that grow with every use, over restarts too. */
import { type EmbeddedStore, type Table, tupleKey } from '@connections/embedded-store';

export class Sequence {
  readonly #table: Table<number>;
  readonly #key: Uint8Array;

  constructor(store: EmbeddedStore, name: string) {
    this.#table = store.table('sequences');
    this.#key = tupleKey(name);
  }

  /** From 1. Inside a write only: a number whose write fails is given again. */
  next(): number {
    const value = (this.#table.get(this.#key) ?? 0) + 1;
    this.#table.put(this.#key, value);
    return value;
  }
}

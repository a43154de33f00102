/** What an embedded driver is built on: ordered tables in one folder, written in serial transactions. */
import type { Ending, StoreSpace } from '@connections/runtime';

export interface KeyRange {
  /** Inclusive. */
  readonly start?: Uint8Array;
  /** Exclusive. */
  readonly end?: Uint8Array;
  /** From the end to the start. @default false */
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** An ordered map from byte keys to values. Keys are at most 1 900 bytes and sort byte by byte. */
export interface Table<Value> {
  get(key: Uint8Array): Value | undefined;
  has(key: Uint8Array): boolean;
  /** Inside a write only. */
  put(key: Uint8Array, value: Value): void;
  /** Inside a write only. True when the key was there. */
  remove(key: Uint8Array): boolean;
  entries(range: KeyRange): Iterable<{ readonly key: Uint8Array; readonly value: Value }>;
  keys(range: KeyRange): Iterable<Uint8Array>;
}

export interface EmbeddedStore extends AsyncDisposable {
  readonly folder: string;
  /**
   * The table of this name, to be opened outside of a write. Values are plain data: objects, arrays, text, numbers,
   * booleans, Map, bytes (Uint8Array, read back as Buffer).
   * Reads outside a write see the last committed state, inside a write that write's own changes too.
   */
  table<Value>(name: string): Table<Value>;
  /**
   * Runs `change`, which is synchronous, in a write transaction: whole or not at all (it throws: not at all, and the
   * write rejects with what it threw), after every earlier write. Writes asked for in one turn of the loop share a
   * commit. Resolves once the commit survives a kill of the process, with sync `always` a loss of power too.
   *
   * Rejects with RESOURCE_EXHAUSTED (`STORE_FULL`) when the store has reached its limit and the change is not marked
   * as one that frees space; with the signal's reason when that aborted before the change ran; with
   * FAILED_PRECONDITION (`CLOSED`) after close.
   */
  write<T>(change: () => T, options?: { readonly signal?: Ending; readonly frees?: boolean }): Promise<T>;
  /** At a cost that does not grow with what is stored. Throws once it is closed. */
  space(): StoreSpace;
}

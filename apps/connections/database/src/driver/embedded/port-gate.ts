/** Lets calls of one port through until it is closed; the store that it shares with others stays open. */

import type { EmbeddedStore } from '@connections/embedded-store';
import type { Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';

export class PortGate {
  readonly #store: EmbeddedStore;
  readonly #resource: string;
  #closed = false;

  constructor(store: EmbeddedStore, resource: string) {
    this.#store = store;
    this.#resource = resource;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async read<T>(signal: Ending, look: () => T | Promise<T>): Promise<T> {
    this.#check();
    signal.throwIfAborted();
    return look();
  }

  async write<T>(signal: Ending, change: () => T, options: { readonly frees?: boolean } = {}): Promise<T> {
    this.#check();
    return this.#store.write(change, { signal, ...options });
  }

  close(): void {
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw failure('CLOSED', { resource: this.#resource });
  }
}

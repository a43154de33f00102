/** Prefixes of namespaces that were read lately, so that a read need not look its namespace up first. */

/** Forgotten all together when there are more. */
const maxNamespaces = 1_000;

/** For reads only: a write looks into its own transaction. A namespace's prefix changes only when it is cleared. */
export class KnownPrefixes {
  readonly #prefixes = new Map<string, Uint8Array>();
  #clearing = 0;

  /** The prefix that is known, or what `lookUp` finds. */
  find(namespace: string, lookUp: (namespace: string) => Uint8Array | undefined): Uint8Array | undefined {
    const known = this.#prefixes.get(namespace);
    if (known) return known;
    const found = lookUp(namespace);
    if (found && this.#clearing === 0) this.#remember(namespace, found);
    return found;
  }

  /** Knows nothing while `clear` runs, which may take effect at any time before it resolves. */
  async duringClear(clear: () => Promise<void>): Promise<void> {
    this.#clearing++;
    this.#prefixes.clear();
    try {
      await clear();
    } finally {
      this.#clearing--;
    }
  }

  #remember(namespace: string, prefix: Uint8Array): void {
    if (this.#prefixes.size >= maxNamespaces) this.#prefixes.clear();
    this.#prefixes.set(namespace, prefix);
  }
}

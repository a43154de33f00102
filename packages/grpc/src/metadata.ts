/** Call metadata: lower-case keys with one or more values; keys ending in `-bin` hold bytes, all others ASCII text. */

export type MetadataValue = string | Uint8Array;

export class Metadata {
  readonly #values = new Map<string, MetadataValue[]>();

  /** Replaces all values of a key. */
  set(key: string, value: MetadataValue): void {
    this.#values.set(checkedKey(key, value), [value]);
  }

  /** Appends a value to a key. */
  add(key: string, value: MetadataValue): void {
    const name = checkedKey(key, value);
    const values = this.#values.get(name);
    if (values) values.push(value);
    else this.#values.set(name, [value]);
  }

  /** The first value of a text key; undefined when there is none or the key holds bytes. */
  text(key: string): string | undefined {
    const value = this.#values.get(key.toLowerCase())?.[0];
    return typeof value === 'string' ? value : undefined;
  }

  /** The first value of a `-bin` key; undefined when there is none. */
  bytes(key: string): Uint8Array | undefined {
    const value = this.#values.get(key.toLowerCase())?.[0];
    return typeof value === 'string' ? undefined : value;
  }

  get size(): number {
    return this.#values.size;
  }

  *[Symbol.iterator](): IterableIterator<[string, readonly MetadataValue[]]> {
    yield* this.#values;
  }
}

function checkedKey(key: string, value: MetadataValue): string {
  const name = key.toLowerCase();
  if (!/^[0-9a-z_.-]+$/.test(name)) throw new TypeError(`metadata key ${JSON.stringify(key)} is not allowed`);
  if (name.endsWith('-bin') === (typeof value === 'string')) {
    throw new TypeError(`metadata key ${name} takes ${name.endsWith('-bin') ? 'bytes' : 'text'}`);
  }
  // Transports throw or drop such text when it is sent, far from where it was set.
  if (typeof value === 'string' && !/^[ -~]*$/.test(value)) {
    throw new TypeError(`the value of metadata key ${name} is not printable ASCII`);
  }
  return name;
}

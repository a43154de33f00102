/** Call metadata: lower-case keys with one or more values; keys ending in `-bin` hold bytes, all others ASCII text. */

export type MetadataValue = string | Uint8Array;

const keyPattern = /^[0-9a-z_.-]+$/;

export class Metadata {
  /** Whether it is a key that values can be set for, in lower case. */
  static takes(key: string): boolean {
    return keyPattern.test(key);
  }

  #values: Map<string, MetadataValue[]>;
  /** The values are those of another, which must not see what is set here. */
  #borrowed: boolean;

  /** Begins with what `template` has now, without a copy as long as nothing is set here; nothing may be set there any more. */
  constructor(template?: Metadata) {
    this.#values = template ? template.#values : new Map();
    this.#borrowed = template !== undefined;
  }

  /** As it came, for transports: they have checked it, and the keys are in lower case. */
  static received(entries: Iterable<readonly [string, MetadataValue[]]>): Metadata {
    const metadata = new Metadata();
    for (const [key, values] of entries) metadata.#values.set(key, values);
    return metadata;
  }

  /** Replaces all values of a key. */
  set(key: string, value: MetadataValue): void {
    const name = checkedKey(key, value);
    this.#own();
    this.#values.set(name, [value]);
  }

  /** Appends a value to a key. */
  add(key: string, value: MetadataValue): void {
    const name = checkedKey(key, value);
    this.#own();
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

  #own(): void {
    if (!this.#borrowed) return;
    this.#values = new Map([...this.#values].map(([key, values]) => [key, [...values]]));
    this.#borrowed = false;
  }
}

function checkedKey(key: string, value: MetadataValue): string {
  const name = key.toLowerCase();
  if (!keyPattern.test(name)) throw new TypeError(`metadata key ${JSON.stringify(key)} is not allowed`);
  if (name.endsWith('-bin') === (typeof value === 'string')) {
    throw new TypeError(`metadata key ${name} takes ${name.endsWith('-bin') ? 'bytes' : 'text'}`);
  }
  // Transports throw or drop such text when it is sent, far from where it was set.
  if (typeof value === 'string' && !/^[ -~]*$/.test(value)) {
    throw new TypeError(`the value of metadata key ${name} is not printable ASCII`);
  }
  return name;
}

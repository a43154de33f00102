/** The lowest of many keys in the order of their bytes, in memory that does not grow with how many there are. */

export class LowestKeys {
  readonly #limit: number;
  readonly #cutAt: number;
  /** A character for each byte: texts that compare as their bytes do, and keep no reply alive that they came in. */
  #kept: string[] = [];
  #highest: string | undefined;

  constructor(limit: number) {
    this.#limit = limit;
    this.#cutAt = 4 * limit + 1_000;
  }

  add(key: Buffer): void {
    const bytes = key.toString('latin1');
    if (this.#highest !== undefined && bytes > this.#highest) return;
    this.#kept.push(bytes);
    if (this.#kept.length > this.#cutAt) this.#cut();
  }

  /** In order, each once. */
  sorted(): readonly string[] {
    this.#cut();
    return this.#kept.map((bytes) => Buffer.from(bytes, 'latin1').toString());
  }

  #cut(): void {
    const sorted = this.#kept.sort();
    this.#kept = sorted.filter((key, at) => key !== sorted[at - 1]).slice(0, this.#limit);
    if (this.#kept.length === this.#limit) this.#highest = this.#kept.at(-1);
  }
}

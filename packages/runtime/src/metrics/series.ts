/** What is counted, kept as plain numbers: counting costs an addition and allocates nothing. */

export class Counter {
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(count = 1): void {
    this.#total += count;
  }
}

export class Histogram {
  readonly #bounds: readonly number[];
  /** For each bound, and at last for what is above all of them. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? 0)) index++;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  get sum(): number {
    return this.#sum;
  }

  /** For each bound, then for +Inf: how many values were not above it. */
  get cumulative(): readonly { readonly bound: number; readonly count: number }[] {
    let count = 0;
    return [...this.#bounds, Number.POSITIVE_INFINITY].map((bound, index) => {
      count += this.#counts[index] ?? 0;
      return { bound, count };
    });
  }
}

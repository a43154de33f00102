/** Chance that a seed decides: the same seed makes the same choices. */

export class SeededChance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, below 1. Mulberry32, which is in the public domain. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  is(share: number): boolean {
    return this.next() < share;
  }

  of<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)] as T;
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  shuffled<T>(things: readonly T[]): T[] {
    return things
      .map((thing) => ({ thing, at: this.next() }))
      .sort((one, other) => one.at - other.at)
      .map(({ thing }) => thing);
  }

  /** Another row of choices: what one asks does not change what the other is given. */
  fork(): SeededChance {
    return new SeededChance(Math.floor(this.next() * 4_294_967_296));
  }
}

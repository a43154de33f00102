/** Where a run takes its choices from: a seed, or a tape of them that can be cut down. Equal sources make equal runs. */

const range = 2 ** 32;

export class Choices {
  /** Every choice made, for a tape. */
  readonly made: number[] = [];
  readonly #next: () => number;

  private constructor(next: () => number) {
    this.#next = next;
  }

  /** Mulberry32: small, fast and good enough to choose who goes next. */
  static ofSeed(seed: number): Choices {
    let state = seed | 0;
    return new Choices(() => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return (mixed ^ (mixed >>> 14)) >>> 0;
    });
  }

  /** When it is used up every choice is the plainest: the first of those that wait goes on, and nothing breaks. */
  static ofTape(tape: readonly number[]): Choices {
    let at = 0;
    return new Choices(() => tape[at++] ?? 0);
  }

  /** At least 0, below 1. */
  fraction(): number {
    const choice = this.#next();
    this.made.push(choice);
    return choice / range;
  }

  /** The plain choice is no. */
  chance(probability: number): boolean {
    return this.fraction() >= 1 - probability;
  }

  below(count: number): number {
    return Math.floor(this.fraction() * count);
  }

  of<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new Error('nothing to choose from');
    return found;
  }
}

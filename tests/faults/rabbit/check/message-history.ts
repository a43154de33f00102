/** What publishers sent and were told, and what consumers got: all that a checker of messages sees. */

/** What its publisher was told. `unknown` also where nobody was told: it may or may not be there. */
export type Told = 'confirmed' | 'refused' | 'unknown';

export interface MessageRecord {
  /** `<run>.<number>`. */
  readonly id: string;
  readonly told: Told;
  /** How often a consumer got it. */
  readonly received: number;
}

/** The messages of one publishing process, numbered from 0. */
interface Run {
  readonly told: Told[];
  readonly received: number[];
}

export class MessageHistory {
  readonly #runs: Run[] = [];
  /** Of runs that there never were. */
  readonly #foreign: string[] = [];
  #confirmed = 0;
  #missing = 0;
  #duplicates = 0;

  /** A name for the messages of one publishing process. */
  openRun(): number {
    return this.#runs.push({ told: [], received: [] }) - 1;
  }

  get confirmed(): number {
    return this.#confirmed;
  }

  /** Confirmed, and got by nobody so far. */
  get missing(): number {
    return this.#missing;
  }

  /** How often a message was got beyond the first time. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Got, and never sent. */
  get strangers(): readonly string[] {
    const unsent = this.#runs.flatMap(({ told, received }, run) =>
      [...received.keys()].filter((at) => received[at] && !told[at]).map((at) => `${run}.${at}`),
    );
    return [...unsent, ...this.#foreign];
  }

  /** Before anything of it leaves the publisher: `count` messages from `first` on. */
  sent(run: number, first: number, count: number): void {
    for (let at = first; at < first + count; at++) this.#run(run).told[at] = 'unknown';
  }

  told(run: number, first: number, count: number, told: Told): void {
    const { told: all, received } = this.#run(run);
    for (let at = first; at < first + count; at++) {
      all[at] = told;
      if (told !== 'confirmed') continue;
      this.#confirmed++;
      if (!received[at]) this.#missing++;
    }
  }

  /**
   * What the consumer tells may be heard before what the publisher told earlier.
   * @param id as it was published
   */
  got(id: string): void {
    const [run = -1, at = -1] = id.split('.').map(Number);
    const found = this.#runs[run];
    if (!found || !(at >= 0)) {
      this.#foreign.push(id);
      return;
    }
    const before = found.received[at] ?? 0;
    found.received[at] = before + 1;
    if (before > 0) this.#duplicates++;
    else if (found.told[at] === 'confirmed') this.#missing--;
  }

  *records(): Generator<MessageRecord, void> {
    for (const [run, { told, received }] of this.#runs.entries()) {
      for (const [at, each] of told.entries()) {
        yield { id: `${run}.${at}`, told: each, received: received[at] ?? 0 };
      }
    }
  }

  #run(run: number): Run {
    const found = this.#runs[run];
    if (!found) throw new Error(`there is no run ${run}`);
    return found;
  }
}

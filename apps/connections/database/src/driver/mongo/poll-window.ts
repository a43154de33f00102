/** The reckoning of a polled feed: from when on to look, what was told already, and up to when everything was. Pure. */

/**
 * How long a commit may take from the time that it notes to the moment when others see it, not counting time for which
 * the server was stopped. Twice what a call may take: a write that waits in the server for longer has lost its caller.
 */
export const overlapMs = 10_000;
/** A clock that is set back by less at once changes nothing: what is looked at again reaches further back. */
export const clockStepMs = 5_000;
/** Between two answers the server may have been stopped: no longer pause counts as time that it ran. */
export const pauseMs = 1_000;
/** Of commits in the overlap; of more, the oldest are told again. */
const maxRemembered = 50_000;

/** A look at the server's clock, and when that was on the reader's, which nobody sets. */
export interface ClockReading {
  readonly server: number;
  readonly asked: number;
  readonly answered: number;
}

interface Poll extends ClockReading {
  /** The server's clock showed no less since the poll before, even if it was set back right after that. */
  readonly least: number;
  /** For how long the server is known to have run by then. */
  readonly ran: number;
}

export interface PollRange {
  readonly from: number;
  /** Inclusive. Without it a poll could run after its own tail. */
  readonly to: number;
}

export class PollWindow {
  /** Every commit of an earlier time was told. */
  #settled: number;
  /** The newest that is older than the overlap, and all since. */
  #polls: Poll[] = [];
  #ran = 0;
  #heardAt: number | undefined;
  readonly #told = new Map<string, { readonly revision: number; readonly at: number }>();

  constructor(settled: number) {
    this.#settled = settled;
  }

  get settled(): number {
    return this.#settled;
  }

  get remembered(): number {
    return this.#told.size;
  }

  /** Begins a poll. Undefined: the clock was set back so far that commits may have been overlooked. */
  begin(reading: ClockReading): PollRange | undefined {
    const { server, asked, answered } = reading;
    const last = this.#polls.at(-1);
    const expected = last ? last.server + asked - last.answered : this.#settled;
    if (server < this.#settled || expected - server > clockStepMs) return undefined;
    this.heard(answered);
    const least = server - (last ? answered - last.answered : 0);
    this.#polls.push({ ...reading, least, ran: this.#ran });
    return { from: this.#settled, to: server };
  }

  /** The server has answered something, by the reader's clock. */
  heard(now: number): void {
    if (this.#heardAt !== undefined) this.#ran += Math.min(pauseMs, now - this.#heardAt);
    this.#heardAt = now;
  }

  /** Whether a document has a commit that was not told yet; from now on it counts as told. */
  take(id: string, revision: number, at: number): boolean {
    const told = this.#told.get(id);
    if (told && told.revision >= revision) return false;
    this.#told.delete(id);
    this.#told.set(id, { revision, at });
    if (this.#told.size > maxRemembered) this.#forget(() => this.#told.size > maxRemembered);
    return true;
  }

  /**
   * The poll that was begun last has told everything up to `reached`. What it could not see yet is younger than any poll
   * since whose answer the server had run for the overlap.
   */
  settle(reached: number): void {
    const ran = this.#polls.at(-1)?.ran ?? 0;
    const old = this.#polls.findLastIndex((poll) => ran - poll.ran >= overlapMs);
    if (old < 0) return;
    this.#polls = this.#polls.slice(old);
    this.#settled = Math.max(this.#settled, Math.min(reached, ...this.#polls.map(({ least }) => least)));
    this.#forget(({ at }) => at < this.#settled);
  }

  #forget(isDone: (told: { readonly at: number }) => boolean): void {
    for (const [id, told] of this.#told) {
      if (!isDone(told)) return;
      this.#told.delete(id);
    }
  }
}

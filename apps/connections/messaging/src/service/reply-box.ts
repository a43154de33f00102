/** Replies that wait for the subscriber to read them: bounded, and one frame for many ids. */
import type { ServerFrame } from './subscribe-frame.ts';
import { WakeUp } from './wake-up.ts';

// A subscriber that sends without reading stops being read at this many unread ids.
const maxWaitingIds = 1_024;

export class ReplyBox {
  #settled: string[] = [];
  #stale: string[] = [];
  #lost: string[] = [];
  #lostWhy: 'LEASE_EXPIRED' | 'BROKER_LOST' = 'LEASE_EXPIRED';
  #graceMs: number | undefined;
  #waiting = 0;
  #closed = false;
  readonly #room = new WakeUp();

  /** Counts ids that were taken from the subscriber and are to be answered with `answer`. */
  expect(count: number): void {
    this.#waiting += count;
  }

  /** `quiet` ids need no answer. */
  answer(reply: {
    readonly settled: readonly string[];
    readonly stale: readonly string[];
    readonly quiet?: number;
  }): void {
    this.#settled.push(...reply.settled);
    this.#stale.push(...reply.stale);
    this.#free(reply.quiet ?? 0);
  }

  /** At most the window of a subscriber waits here, for nothing is sent to one that does not read. */
  lose(ids: readonly string[], why: 'LEASE_EXPIRED' | 'BROKER_LOST'): void {
    this.#lost.push(...ids);
    this.#lostWhy = why;
  }

  announceDrain(graceMs: number): void {
    this.#graceMs = graceMs;
  }

  /** Nothing waits here and nothing is expected. */
  get idle(): boolean {
    return this.#waiting === 0 && this.#lost.length === 0 && this.#graceMs === undefined;
  }

  /** The next frame. OK comes before STALE, so an id that was settled and then named again is told so in this order. */
  take(): ServerFrame | undefined {
    if (this.#graceMs !== undefined) {
      const graceMs = this.#graceMs;
      this.#graceMs = undefined;
      return { kind: 'draining', graceMs };
    }
    if (this.#lost.length > 0) {
      const ids = this.#lost;
      this.#lost = [];
      return { kind: 'lost', ids, why: this.#lostWhy };
    }
    const result = this.#settled.length > 0 ? 'OK' : 'STALE';
    const ids = result === 'OK' ? this.#settled : this.#stale;
    if (ids.length === 0) return undefined;
    if (result === 'OK') this.#settled = [];
    else this.#stale = [];
    this.#free(ids.length);
    return { kind: 'settled', ids, result };
  }

  /** Resolves when more may be taken from the subscriber. */
  async room(): Promise<void> {
    while (this.#waiting >= maxWaitingIds && !this.#closed) await this.#room.sleep();
  }

  close(): void {
    this.#closed = true;
    this.#room.call();
  }

  #free(count: number): void {
    this.#waiting -= count;
    if (this.#waiting < maxWaitingIds) this.#room.call();
  }
}

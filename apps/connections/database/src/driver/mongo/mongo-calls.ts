/** The calls of one port through the link: refused at once while the server is away, bounded, their errors made ours. */

import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { abortSignalOf, type Ending } from '@connections/runtime';
import { failure, hasReason } from '@connections/runtime/errors';
import { MongoServerError } from 'mongodb';
import { outcomeOf } from './mongo-errors.ts';
import type { MongoLink } from './mongo-link.ts';

/** Calls of one port that wait for a connection or an answer: a store that is slow must not fill the memory. */
const maxOpenCalls = 8_192;
/** Before each repetition of a write whose outcome is unknown, jittered: the time that an election or a restart takes. */
const repeatAfterMs = [50, 200, 800, 1_600];

/** Of a call that the server did not answer. */
class Unanswered extends Error {
  readonly sent: boolean;

  constructor(sent: boolean, cause: unknown) {
    super('the server did not answer', { cause });
    this.sent = sent;
  }
}

export class MongoCalls {
  readonly #link: MongoLink;
  /** `task`, `schema`: the store's name in messages. */
  readonly #store: string;
  #open = 0;
  #closed = false;

  constructor(link: MongoLink, store: string) {
    this.#link = link;
    this.#store = store;
  }

  read<T>(ending: Ending, look: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#run(ending, async (signal) => {
      try {
        return await this.#attempt(signal, look);
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        throw signal.aborted ? signal.reason : this.#unreachable(error.cause);
      }
    });
  }

  /**
   * `change` is run again when its outcome is unknown, with `again` true: it has to have one effect however often it runs,
   * and where it cannot tell whether it had, to throw `unknown()`.
   */
  write<T>(ending: Ending, change: (signal: AbortSignal, again: boolean) => Promise<T>): Promise<T> {
    return this.#run(ending, async (signal) => {
      let sent = false;
      for (let tries = 0; ; tries++) {
        try {
          return await this.#attempt(signal, (inner) => change(inner, sent));
        } catch (error) {
          if (!(error instanceof Unanswered)) throw error;
          sent ||= error.sent;
          const pause = repeatAfterMs[tries];
          if (signal.aborted || !sent || pause === undefined) throw this.#given(error.cause, sent, signal);
          await delay(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
        }
      }
    });
  }

  /** For a write that may have happened and cannot be repeated. */
  unknown(cause?: unknown): Error {
    return failure('OUTCOME_UNKNOWN', { store: this.#store }, { cause });
  }

  close(): void {
    this.#closed = true;
  }

  async #run<T>(ending: Ending, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closed) throw failure('CLOSED', { resource: `${this.#store} store` });
    // The driver looks at it only when it has found a server.
    ending.throwIfAborted();
    if (this.#open >= maxOpenCalls) throw failure('TOO_MANY_CALLS', { limit: maxOpenCalls });
    const signal = abortSignalOf(ending);
    // Every operation of the driver listens to it, and a caller may share one among many calls.
    setMaxListeners(0, signal);
    this.#open++;
    try {
      return await work(signal);
    } finally {
      this.#open--;
    }
  }

  /** Throws what `work` throws of its own, our failure for what the server refuses, and else `Unanswered`. */
  async #attempt<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const link = this.#link;
    if (!link.reachable) throw new Unanswered(false, link.lastError);
    const { losses } = link.topology;
    try {
      const result = await work(signal);
      link.answered();
      return result;
    } catch (error) {
      const outcome = signal.aborted && error === signal.reason ? 'UNKNOWN' : outcomeOf(error);
      if (outcome === 'UNKNOWN' || outcome === 'UNSENT') {
        link.doubt(error);
        // The driver repeats some operations once: it may have sent the first try, lost the server, and found no other.
        throw new Unanswered(outcome === 'UNKNOWN' || link.topology.losses > losses, error);
      }
      // What we or the driver throw says nothing of the server.
      if (error instanceof MongoServerError) link.answered();
      if (outcome === 'FULL') throw failure('STORE_FULL', { limit: 'its disk' }, { cause: error });
      throw outcome === undefined ? error : failure('INTERNAL', {}, { cause: error });
    }
  }

  /** Who cancelled does not wait for an outcome; who ran out of time has to know that there may be one. */
  #given(cause: unknown, sent: boolean, { aborted, reason }: AbortSignal): unknown {
    if (aborted && !(sent && hasReason(reason, 'STORE_TIMEOUT'))) return reason;
    return sent ? this.unknown(cause) : this.#unreachable(cause);
  }

  #unreachable(cause: unknown): Error {
    return failure('STORE_UNREACHABLE', { store: this.#store }, { cause });
  }
}

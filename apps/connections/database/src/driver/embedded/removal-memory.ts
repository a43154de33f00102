/** Remembers how repeated removals were answered: what they removed is gone and cannot tell. */
import { createHash } from 'node:crypto';
import { type EmbeddedStore, type Table, tupleKey } from '@connections/embedded-store';
import type { Clock } from '@connections/runtime';

/** How long a repetition is recognised: far longer than any caller goes on repeating. */
const keptMs = 3_600_000;
/** Expired answers forgotten with each new one, so that they never outnumber those in force for long. */
const forgottenPerAnswer = 4;

/** All calls are made inside a write. */
export class RemovalMemory<Answer> {
  readonly #clock: Clock;
  readonly #answers: Table<{ readonly answer: Answer; readonly expiresAt: number }>;
  /** Keys of answers behind the time at which they expire. */
  readonly #expiries: Table<true>;

  constructor(store: EmbeddedStore, clock: Clock, name: string) {
    this.#clock = clock;
    this.#answers = store.table(`${name}-removals`);
    this.#expiries = store.table(`${name}-removal-expiries`);
  }

  recall(identity: readonly string[], requestId: string | undefined): Answer | undefined {
    if (requestId === undefined) return undefined;
    const kept = this.#answers.get(answerKey(identity, requestId));
    return kept && kept.expiresAt > this.#clock.now() ? kept.answer : undefined;
  }

  remember(identity: readonly string[], requestId: string | undefined, answer: Answer): void {
    if (requestId === undefined) return;
    const expiresAt = this.#clock.now() + keptMs;
    const key = answerKey(identity, requestId);
    this.#forgetExpired();
    this.#answers.put(key, { answer, expiresAt });
    this.#expiries.put(Buffer.concat([tupleKey(expiresAt), key]), true);
  }

  #forgetExpired(): void {
    const now = this.#clock.now();
    for (const expiry of this.#expiries.keys({ end: tupleKey(now + 1), limit: forgottenPerAnswer })) {
      const key = expiry.subarray(8);
      this.#expiries.remove(expiry);
      // The same request may have been answered anew since.
      if ((this.#answers.get(key)?.expiresAt ?? now) <= now) this.#answers.remove(key);
    }
  }
}

function answerKey(identity: readonly string[], requestId: string): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([...identity, requestId]))
    .digest();
}

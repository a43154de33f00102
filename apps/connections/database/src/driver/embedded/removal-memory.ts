/** Remembers how repeated removals were answered: what they removed is gone and cannot tell. */
import { createHash } from 'node:crypto';
import { type EmbeddedStore, type Table, tupleKey } from '@connections/embedded-store';
import { Sequence } from './sequence.ts';

/**
 * Bounds what removals add to a store, a full one too, to some 3 MiB; at a thousand removals in a second it is 16 seconds
 * until an answer is forgotten, longer than a caller goes on repeating.
 */
const keptAnswers = 16_384;

/** All calls are made inside a write; an answer is remembered only when none is recalled. */
export class RemovalMemory<Answer> {
  readonly #answers: Table<Answer>;
  /** Place -> key of an answer: a new one takes the place of the oldest. */
  readonly #places: Table<Uint8Array>;
  readonly #numbers: Sequence;

  constructor(store: EmbeddedStore, name: string) {
    this.#answers = store.table(`${name}-removal-answers`);
    this.#places = store.table(`${name}-removal-places`);
    this.#numbers = new Sequence(store, `${name}-removal`);
  }

  recall(identity: readonly string[], requestId: string | undefined): Answer | undefined {
    return requestId === undefined ? undefined : this.#answers.get(answerKey(identity, requestId));
  }

  remember(identity: readonly string[], requestId: string | undefined, answer: Answer): void {
    if (requestId === undefined) return;
    const place = tupleKey(this.#numbers.next() % keptAnswers);
    const oldest = this.#places.get(place);
    if (oldest) this.#answers.remove(oldest);
    const key = answerKey(identity, requestId);
    this.#answers.put(key, answer);
    this.#places.put(place, key);
  }
}

function answerKey(identity: readonly string[], requestId: string): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([...identity, requestId]))
    .digest();
}

/** Notes which messages are with consumers, so that a kill of the process counts against them. */
import type { EmbeddedStore } from '@connections/embedded-store';
import type { QueueState } from './queue-state.ts';

/** Deliveries that may be out without a committed note, over all queues. */
export const maxUnrecorded = 256;

/** One message with one consumer. */
export interface OpenDelivery {
  readonly queue: QueueState;
  readonly sequence: number;
}

/**
 * A note costs one small entry, and most deliveries do not pay it: while a commit is under way the notes of later
 * deliveries gather for the next one, and a message that is settled before then needs none. A kill thus leaves the
 * last deliveries, about a millisecond's, unrecorded; see `EmbeddedSubscription` for those that wait for their note.
 */
export class DeliveryRecorder {
  readonly #store: EmbeddedStore;
  #gathered = new Set<OpenDelivery>();
  #beingWritten = 0;
  #previous: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(store: EmbeddedStore) {
    this.#store = store;
  }

  get isBehind(): boolean {
    return this.#gathered.size + this.#beingWritten >= maxUnrecorded;
  }

  /** Resolves when the note is committed, or is not needed any more. */
  record(delivery: OpenDelivery): Promise<void> {
    this.#gathered.add(delivery);
    this.#next ??= this.#previous.then(() => this.#write());
    return this.#next;
  }

  /** To be called before the write that settles the delivery is asked for: a note must not follow it. */
  forget(delivery: OpenDelivery): void {
    this.#gathered.delete(delivery);
  }

  async #write(): Promise<void> {
    const deliveries = this.#gathered;
    this.#gathered = new Set();
    this.#next = undefined;
    if (deliveries.size === 0) return;
    this.#beingWritten = deliveries.size;
    const written = this.#store.write(
      () => {
        for (const { queue, sequence } of deliveries) queue.records.openDelivery(sequence);
      },
      // Its own settlement takes each entry back, and it must not stop the consumers that empty a full store.
      { frees: true },
    );
    this.#previous = written.catch(() => undefined);
    try {
      await written;
    } finally {
      this.#beingWritten = 0;
    }
  }
}

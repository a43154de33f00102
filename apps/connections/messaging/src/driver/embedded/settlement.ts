/** Carries out verdicts: each is one transaction, and the queue in memory follows when it is committed. */
import type { EmbeddedStore } from '@connections/embedded-store';
import type { Clock } from '@connections/runtime';
import type { Verdict } from '../../port/broker.ts';
import { bury, deliveryLimitReason, isSpent } from './dead-letter.ts';
import type { DeliveryRecorder, OpenDelivery } from './delivery-recorder.ts';

export class Settlement {
  readonly #store: EmbeddedStore;
  readonly #recorder: DeliveryRecorder;
  readonly #clock: Clock;

  constructor(store: EmbeddedStore, recorder: DeliveryRecorder, clock: Clock) {
    this.#store = store;
    this.#recorder = recorder;
    this.#clock = clock;
  }

  /** When it rejects, the delivery is still out. */
  async settle(delivery: OpenDelivery, verdict: Verdict): Promise<void> {
    switch (verdict.verdict) {
      case 'ack':
        return this.#remove(delivery);
      case 'dead-letter':
        return this.#bury(delivery, verdict.reason);
      case 'requeue': {
        if (!verdict.counts) return this.giveBack([delivery]);
        const { queue, sequence } = delivery;
        const failures = queue.records.failures(sequence) + 1;
        return isSpent(failures, queue)
          ? this.#bury(delivery, deliveryLimitReason)
          : this.#countAndGiveBack(delivery, failures);
      }
    }
  }

  /** Without counting. */
  async giveBack(deliveries: readonly OpenDelivery[]): Promise<void> {
    await this.#write(deliveries, () => {
      for (const { queue, sequence } of deliveries) queue.records.closeDelivery(sequence);
    });
    for (const { queue, sequence } of deliveries) queue.giveBack(sequence);
  }

  async #remove(delivery: OpenDelivery): Promise<void> {
    const { queue, sequence } = delivery;
    await this.#write([delivery], () => queue.records.removeMessage(sequence));
    queue.forget();
  }

  async #countAndGiveBack(delivery: OpenDelivery, failures: number): Promise<void> {
    const { queue, sequence } = delivery;
    await this.#write([delivery], () => {
      queue.records.putFailures(sequence, failures);
      queue.records.closeDelivery(sequence);
    });
    queue.giveBack(sequence);
  }

  async #bury(delivery: OpenDelivery, reason: string): Promise<void> {
    const { queue, sequence } = delivery;
    const place = queue.deadLetters?.reserve();
    try {
      const death = { reason, at: this.#clock.now() };
      await this.#write([delivery], () => bury(queue, sequence, place, death));
    } catch (error) {
      queue.deadLetters?.release(1);
      throw error;
    }
    queue.forget();
    queue.deadLetters?.serve();
  }

  /** A settlement makes room or moves a message, so a full store takes it. */
  #write(deliveries: readonly OpenDelivery[], change: () => void): Promise<void> {
    for (const delivery of deliveries) this.#recorder.forget(delivery);
    return this.#store.write(change, { frees: true });
  }
}

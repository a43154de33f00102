/** The room for deliveries on their way: small ones have theirs, so that they pass large ones that nobody reads. */
import type { Clock } from '@connections/runtime';
import { type Claim, DeliveryBudget, type Relieve } from './delivery-budget.ts';

/** What the transport takes of one stream whose reader does not read: its flow-control window. */
const smallBytes = 65_536;

export interface DeliveryRoomOptions {
  /** Of the small ones, and as much again of the others. */
  readonly maxBytes: number;
  readonly stalledMs: number;
  readonly clock: Clock;
}

export class DeliveryRoom {
  readonly #small: DeliveryBudget;
  readonly #large: DeliveryBudget;

  constructor(options: DeliveryRoomOptions) {
    this.#small = new DeliveryBudget(options);
    this.#large = new DeliveryBudget(options);
  }

  /** Of all claims. */
  get bytes(): number {
    return this.#small.bytes + this.#large.bytes;
  }

  /** As of a DeliveryBudget. */
  claim(bytes: number, relieve: Relieve): Claim | undefined {
    return this.#of(bytes).claim(bytes, relieve);
  }

  /** As of a DeliveryBudget. */
  room(bytes: number, signal: AbortSignal): Promise<void> {
    return this.#of(bytes).room(bytes, signal);
  }

  #of(bytes: number): DeliveryBudget {
    return bytes <= smallBytes ? this.#small : this.#large;
  }
}

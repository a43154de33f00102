/** One kind of fault on RabbitMQ, from its servers to its figures. */
import type { Figure } from '../run/figure.ts';

export interface RabbitOptions {
  /** Of `rounds`: until so many are confirmed. */
  readonly messages: number;
  /** Of `rounds`: at least this long. */
  readonly minutes: number;
  /** Of the others: how often what they do is done. */
  readonly times: number;
  readonly seed: number;
  /** How long the broker is frozen. */
  readonly awayMs: number;
  /**
   * What times may be of what is promised, and the growth of a run that is over before its heap is full: 1 on a machine
   * that does nothing else.
   */
  readonly room: number;
}

export interface RabbitScenario {
  readonly name: string;
  measure(options: RabbitOptions): Promise<Figure>;
}

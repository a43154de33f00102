/** Opens the streams whose reader cannot acknowledge. */
import type { Clock } from '@connections/runtime';
import { BudgetedSubscription } from './budgeted-subscription.ts';
import type { DeliveryRoom } from './delivery-room.ts';
import type { DeliverySource } from './observed-deliveries.ts';
import { type OneWaySource, OneWayStream } from './one-way-stream.ts';
import type { OpenStreams, StreamCall } from './open-streams.ts';
import type { WatchMessage } from './task-settlement.ts';

export interface OneWayStreamsOptions {
  readonly broker: DeliverySource;
  readonly clock: Clock;
  readonly streams: OpenStreams;
  readonly budget: DeliveryRoom;
  /** Messages in flight at once on one stream. */
  readonly prefetch: number;
  readonly watch: WatchMessage;
}

export class OneWayStreams {
  readonly #options: OneWayStreamsOptions;

  constructor(options: OneWayStreamsOptions) {
    this.#options = options;
  }

  /** Consumes a queue of the default namespace until the signal aborts or the service drains. */
  async *stream<T>(source: OneWaySource<T>, call: StreamCall): AsyncGenerator<T, void> {
    const { broker, clock, streams, budget, prefetch, watch } = this.#options;
    const { signal } = call;
    using stream = streams.open();
    const subscription = await broker.subscribe('default', { queue: source.queue, prefetch }, signal);
    const budgeted = new BudgetedSubscription(subscription, budget, (reason) => call.abort(reason));
    const oneWay = new OneWayStream(source, budgeted, watch, clock);
    stream.onDrain((graceMs) => oneWay.drain(graceMs));
    yield* oneWay.run(signal);
  }
}

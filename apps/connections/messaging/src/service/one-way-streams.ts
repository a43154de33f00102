/** Opens the streams whose reader cannot acknowledge. */
import type { Clock } from '@connections/runtime';
import type { Broker } from '../port/broker.ts';
import { type OneWaySource, OneWayStream } from './one-way-stream.ts';
import type { OpenStreams } from './open-streams.ts';
import type { WatchMessage } from './task-settlement.ts';

export interface OneWayStreamsOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly streams: OpenStreams;
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
  async *stream<T>(source: OneWaySource<T>, signal: AbortSignal): AsyncGenerator<T, void> {
    const { broker, clock, streams, prefetch, watch } = this.#options;
    using stream = streams.open();
    const subscription = await broker.subscribe('default', { queue: source.queue, prefetch }, signal);
    const oneWay = new OneWayStream(source, subscription, watch, clock);
    stream.onDrain((graceMs) => oneWay.drain(graceMs));
    yield* oneWay.run(signal);
  }
}

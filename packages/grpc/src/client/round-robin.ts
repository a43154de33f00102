/** A connection to each address, and calls by turns. */
import type { StatusError } from '../status-error.ts';
import { type Balancer, type BalancerEvents, subchannelsOf } from './balancer.ts';
import type { Line } from './line.ts';
import type { Subchannel, SubchannelEvents, SubchannelSettings } from './subchannel.ts';
import type { Address } from './target.ts';

/** Connections that are lost are made again at once, whether there are calls or not. */
export class RoundRobin implements Balancer {
  readonly #settings: SubchannelSettings;
  readonly #events: BalancerEvents;
  readonly #subchannelEvents: SubchannelEvents;
  #subchannels: readonly Subchannel[] = [];
  #lines: readonly Line[] = [];
  #turn = 0;
  #shutdown = false;

  constructor(settings: SubchannelSettings, events: BalancerEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#subchannelEvents = {
      changed: (subchannel) => this.#changed(subchannel),
      roomAgain: () => events.changed(),
      lost: () => events.lost(),
    };
  }

  pick(): Line | undefined {
    for (let tries = this.#lines.length; tries > 0; tries--) {
      this.#turn = (this.#turn + 1) % this.#lines.length;
      const line = this.#lines[this.#turn];
      if (line && line.room > 0) return line;
    }
    return undefined;
  }

  get ready(): boolean {
    return this.#lines.length > 0;
  }

  get failure(): StatusError | undefined {
    if (this.ready) return undefined;
    let last: StatusError | undefined;
    for (const { failure } of this.#subchannels) {
      if (!failure) return undefined;
      last = failure;
    }
    return last;
  }

  wake(): void {}

  update(addresses: readonly Address[]): void {
    this.#subchannels = subchannelsOf(addresses, this.#subchannels, this.#settings, this.#subchannelEvents);
    for (const subchannel of this.#subchannels) subchannel.connect();
    this.#collect();
  }

  shutdown(): void {
    this.#shutdown = true;
    for (const subchannel of this.#subchannels) subchannel.shutdown();
  }

  #changed(subchannel: Subchannel): void {
    if (subchannel.state === 'idle' && !this.#shutdown) subchannel.connect();
    else this.#collect();
  }

  #collect(): void {
    this.#lines = this.#subchannels.flatMap(({ line }) => line ?? []);
    this.#events.changed();
  }
}

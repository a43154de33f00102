/** One connection, to the first address that answers. */
import type { StatusError } from '../status-error.ts';
import { type Balancer, type BalancerEvents, subchannelsOf } from './balancer.ts';
import type { Line } from './line.ts';
import type { Subchannel, SubchannelEvents, SubchannelSettings } from './subchannel.ts';
import type { Address } from './target.ts';

/** The next address is tried beside one that has not answered by then (RFC 8305, section 8). */
const headStartMs = 250;

/** Idle until it is woken. Once nothing answered it goes on by itself until something does. */
export class PickFirst implements Balancer {
  readonly #settings: SubchannelSettings;
  readonly #events: BalancerEvents;
  readonly #subchannelEvents: SubchannelEvents;
  #subchannels: readonly Subchannel[] = [];
  #chosen: Subchannel | undefined;
  #seeking = false;
  #headStart: Disposable | undefined;

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
    const line = this.#chosen?.line;
    return line && line.room > 0 ? line : undefined;
  }

  get ready(): boolean {
    return this.#chosen !== undefined;
  }

  get failure(): StatusError | undefined {
    if (this.#chosen) return undefined;
    let last: StatusError | undefined;
    for (const { failure } of this.#subchannels) {
      if (!failure) return undefined;
      last = failure;
    }
    return last;
  }

  wake(): void {
    if (this.#chosen || this.#seeking) return;
    this.#seeking = true;
    this.#connectNext();
  }

  update(addresses: readonly Address[]): void {
    this.#subchannels = subchannelsOf(addresses, this.#subchannels, this.#settings, this.#subchannelEvents);
    if (this.#chosen?.state === 'shutdown') this.#chosen = undefined;
    if (this.#seeking) this.#connectNext();
    this.#events.changed();
  }

  shutdown(): void {
    this.#seeking = false;
    this.#headStart?.[Symbol.dispose]();
    for (const subchannel of this.#subchannels) subchannel.shutdown();
  }

  #changed(subchannel: Subchannel): void {
    if (subchannel.line) this.#choose(subchannel);
    else if (subchannel === this.#chosen) this.#lost(subchannel);
    else if (subchannel.state !== 'connecting' && this.#seeking) this.#connectNext();
    this.#events.changed();
  }

  /** Calls fail while there is a failure, and who fails a call does not wake. */
  #lost({ failure }: Subchannel): void {
    this.#chosen = undefined;
    if (failure) this.wake();
  }

  #choose(subchannel: Subchannel): void {
    this.#chosen = subchannel;
    this.#seeking = false;
    this.#headStart?.[Symbol.dispose]();
    for (const other of this.#subchannels) if (other !== subchannel) other.rest();
  }

  /** One that was not tried yet; when all were, each that has been left alone for long enough. */
  #connectNext(): void {
    this.#headStart?.[Symbol.dispose]();
    const untried = this.#subchannels.find(({ state, failure }) => state === 'idle' && !failure);
    if (untried) {
      this.#headStart = this.#settings.clock.after(headStartMs, () => this.#connectNext());
      untried.connect();
    } else for (const subchannel of this.#subchannels) subchannel.connect();
  }
}

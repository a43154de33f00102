/** From a target to connections: its addresses, as they are known, and a balancer over them. */
import type { StatusError } from '../status-error.ts';
import type { Balancer } from './balancer.ts';
import type { Connections } from './call-dispatch.ts';
import { nameNotResolved } from './channel-failures.ts';
import type { Balancing } from './channel-options.ts';
import { type Lookup, NameResolution } from './name-resolution.ts';
import { PickFirst } from './pick-first.ts';
import { RoundRobin } from './round-robin.ts';
import type { SubchannelSettings } from './subchannel.ts';
import type { Target } from './target.ts';

export interface TargetConnectionsSettings {
  readonly subchannel: SubchannelSettings;
  readonly balancing: Balancing | undefined;
  readonly lookup: Lookup;
  readonly minResolveIntervalMs: number;
}

export class TargetConnections implements Connections {
  readonly balancer: Balancer;
  readonly #target: Target;
  readonly #resolution: NameResolution | undefined;
  #failure: StatusError | undefined;
  #woken = false;
  #resolved = false;

  /** @param changed what the balancer or `failure` say may be another now */
  constructor(target: Target, settings: TargetConnectionsSettings, changed: () => void) {
    const { subchannel, balancing, lookup, minResolveIntervalMs } = settings;
    this.#target = target;
    const Balancing = (balancing ?? usualBalancing(target)) === 'round_robin' ? RoundRobin : PickFirst;
    this.balancer = new Balancing(subchannel, { changed, lost: () => this.#resolution?.request() });
    const { name } = target;
    if (!name) return;
    this.#resolution = new NameResolution(
      name.host,
      { lookup, minIntervalMs: minResolveIntervalMs, ...subchannel },
      {
        resolved: (hosts) => {
          this.#resolved = true;
          this.#failure = undefined;
          this.balancer.update(hosts.map((host) => ({ host, port: name.port })));
        },
        failed: (error) => {
          // The addresses that were found before may do.
          if (!this.#resolved) this.#failure = nameNotResolved(name.host, error);
          changed();
        },
      },
    );
  }

  get failure(): StatusError | undefined {
    return this.#failure;
  }

  wake(): void {
    if (!this.#woken) {
      this.#woken = true;
      if (this.#resolution) this.#resolution.request();
      else this.balancer.update(this.#target.addresses);
    }
    this.balancer.wake();
  }

  shutdown(): void {
    this.#resolution?.close();
    this.balancer.shutdown();
  }
}

function usualBalancing({ addresses }: Target): Balancing {
  return addresses.length > 1 ? 'round_robin' : 'pick_first';
}

/** Which of several connections takes the next call. */
import type { StatusError } from '../status-error.ts';
import type { Line } from './line.ts';
import { Subchannel, type SubchannelEvents, type SubchannelSettings } from './subchannel.ts';
import { type Address, addressText } from './target.ts';

export interface Balancer {
  /** Undefined when none is ready and has room. */
  pick(): Line | undefined;
  /** Some connection is ready, with room or without. */
  readonly ready: boolean;
  /** Why there is none, when nothing that is under way may still bring one soon. */
  readonly failure: StatusError | undefined;
  /** There is a call to be made: connects if it has not begun to. */
  wake(): void;
  update(addresses: readonly Address[]): void;
  shutdown(): void;
}

export type MakeBalancer = (settings: SubchannelSettings, events: BalancerEvents) => Balancer;

export interface BalancerEvents {
  /** What `pick`, `ready` or `failure` say may be another now. */
  changed(): void;
  lost(): void;
}

/** The subchannels of these addresses: those that are there already stay, others are made, the rest are shut down. */
export function subchannelsOf(
  addresses: readonly Address[],
  current: readonly Subchannel[],
  settings: SubchannelSettings,
  events: SubchannelEvents,
): Subchannel[] {
  const leaving = new Map(current.map((subchannel) => [addressText(subchannel.address), subchannel]));
  const next = new Map<string, Subchannel>();
  for (const address of addresses) {
    const text = addressText(address);
    next.set(text, leaving.get(text) ?? new Subchannel(address, settings, events));
  }
  for (const [text, subchannel] of leaving) if (!next.has(text)) subchannel.shutdown();
  return [...next.values()];
}

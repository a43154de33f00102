/** The addresses of a name, looked up when asked for and no more often than is allowed. */
import type { Clock } from '../timer.ts';
import type { BackoffOptions } from './channel-options.ts';
import { ConnectionBackoff } from './connection-backoff.ts';

/** All IP addresses of a host, in the order in which they are to be tried. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export interface NameResolutionSettings {
  readonly lookup: Lookup;
  readonly clock: Clock;
  readonly random: () => number;
  readonly backoff: BackoffOptions;
  readonly minIntervalMs: number;
}

export interface NameResolutionEvents {
  resolved(hosts: readonly string[]): void;
  /** It is tried again, after a backoff. */
  failed(error: Error): void;
}

export class NameResolution {
  readonly #host: string;
  readonly #settings: NameResolutionSettings;
  readonly #events: NameResolutionEvents;
  readonly #backoff: ConnectionBackoff;
  /** One is under way or will be. */
  #pending = false;
  #earliest = -Infinity;
  #timer: Disposable | undefined;
  #closed = false;

  constructor(host: string, settings: NameResolutionSettings, events: NameResolutionEvents) {
    this.#host = host;
    this.#settings = settings;
    this.#events = events;
    this.#backoff = new ConnectionBackoff(settings.backoff, settings.random);
  }

  /** Looks up now, or as soon as the interval is over. */
  request(): void {
    if (this.#pending || this.#closed) return;
    this.#pending = true;
    const waitMs = this.#earliest - this.#settings.clock.now();
    if (waitMs <= 0) void this.#resolve();
    else this.#timer = this.#settings.clock.after(waitMs, () => void this.#resolve());
  }

  close(): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
  }

  async #resolve(): Promise<void> {
    const { clock, minIntervalMs, lookup } = this.#settings;
    const backoffMs = this.#backoff.next();
    try {
      const hosts = await lookup(this.#host);
      if (hosts.length === 0) throw new Error('it has no addresses');
      this.#backoff.reset();
      this.#earliest = clock.now() + minIntervalMs;
      this.#pending = false;
      if (!this.#closed) this.#events.resolved(hosts);
    } catch (error) {
      this.#earliest = clock.now() + backoffMs;
      this.#pending = false;
      if (this.#closed) return;
      this.request();
      this.#events.failed(error instanceof Error ? error : new Error(`${error}`));
    }
  }
}

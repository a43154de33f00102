/** One address and its one connection: connects when told to, and leaves a server that fails alone for a while. */
import type { StatusError } from '../status-error.ts';
import type { Clock } from '../timer.ts';
import { connectionLost, unreachable } from './channel-failures.ts';
import type { BackoffOptions } from './channel-options.ts';
import { ConnectionBackoff } from './connection-backoff.ts';
import type { Line } from './line.ts';
import { type Address, addressText } from './target.ts';

/** None is told before `dial` has returned. */
export interface DialEvents {
  /** The server has sent its SETTINGS. */
  ready(line: Line): void;
  roomAgain(): void;
  /** No further calls; the open ones go on. */
  draining(why: string): void;
  /** Last; an attempt ends so when it fails. */
  closed(error: Error): void;
}

/** Begins to connect. Disposing of it gives the attempt up; of a connection that was ready it does nothing. */
export type Dial = (address: Address, events: DialEvents) => Disposable;

/** Tells from a new connection whether its server takes calls, until the connection is lost. */
export type WatchHealth = (line: Line, tell: (failure: StatusError | undefined) => void) => Disposable;

export interface SubchannelSettings {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly random: () => number;
  readonly backoff: BackoffOptions;
  readonly watchHealth: ((address: string) => WatchHealth) | undefined;
}

export interface SubchannelEvents {
  changed(subchannel: Subchannel): void;
  roomAgain(): void;
  /** A connection that was ready is gone, or one was not to be had: the addresses may be others by now. */
  lost(): void;
}

export type SubchannelState = 'idle' | 'connecting' | 'ready' | 'transient failure' | 'shutdown';

/** A connection that was lost sooner, and over which no call was answered, counts as an attempt that failed. */
const shortLifeMs = 1_000;

export class Subchannel {
  readonly address: Address;
  readonly #settings: SubchannelSettings;
  readonly #events: SubchannelEvents;
  readonly #backoff: ConnectionBackoff;
  #state: SubchannelState = 'idle';
  /** Why the last attempt failed, from then on until there is a connection. */
  failure: StatusError | undefined;
  /** While ready. */
  line: Line | undefined;
  /** Connected, whether healthy or not. */
  #connected: Line | undefined;
  #attempt = 0;
  #dialled: Disposable | undefined;
  #health: Disposable | undefined;
  #retry: Disposable | undefined;
  #retryAt = 0;
  #readyAt = 0;

  constructor(address: Address, settings: SubchannelSettings, events: SubchannelEvents) {
    this.address = address;
    this.#settings = settings;
    this.#events = events;
    this.#backoff = new ConnectionBackoff(settings.backoff, settings.random);
  }

  get state(): SubchannelState {
    return this.#state;
  }

  /** Nothing unless idle. */
  connect(): void {
    if (this.#state !== 'idle') return;
    this.#retryAt = this.#settings.clock.now() + this.#backoff.next();
    const attempt = ++this.#attempt;
    const whileCurrent = <Args extends unknown[]>(tell: (...args: Args) => void) => {
      return (...args: Args) => {
        if (attempt === this.#attempt) tell(...args);
      };
    };
    this.#dialled = this.#settings.dial(this.address, {
      ready: whileCurrent((line) => this.#ready(line)),
      roomAgain: whileCurrent(() => this.#events.roomAgain()),
      draining: whileCurrent((why) => this.#gone(connectionLost(addressText(this.address), why))),
      closed: whileCurrent((error) => this.#closed(error)),
    });
    this.#become('connecting');
  }

  /** Back to idle, as if it had never been told to connect. Open calls go on. */
  rest(): void {
    this.#leave();
    this.failure = undefined;
    this.#backoff.reset();
    this.#state = 'idle';
  }

  /** For good. Open calls go on. */
  shutdown(): void {
    this.#leave();
    this.#state = 'shutdown';
  }

  #leave(): void {
    this.#dialled?.[Symbol.dispose]();
    this.#retry?.[Symbol.dispose]();
    const connected = this.#connected;
    this.#forget();
    connected?.drain();
  }

  /** Nothing more is heard of the connection. */
  #forget(): void {
    this.#attempt++;
    this.#health?.[Symbol.dispose]();
    this.#health = undefined;
    this.#connected = undefined;
    this.line = undefined;
  }

  #ready(line: Line): void {
    const { clock, watchHealth } = this.#settings;
    this.#readyAt = clock.now();
    this.#connected = line;
    if (!watchHealth) this.#healthy(line);
    else {
      const watch = watchHealth(addressText(this.address));
      this.#health = watch(line, (failure) => {
        if (line !== this.#connected) return;
        if (failure) this.#unhealthy(failure);
        else this.#healthy(line);
      });
    }
  }

  #healthy(line: Line): void {
    this.line = line;
    this.failure = undefined;
    this.#become('ready');
  }

  /** The connection stays, because it tells when the server is well again. */
  #unhealthy(failure: StatusError): void {
    this.line = undefined;
    this.failure = failure;
    this.#become('transient failure');
  }

  #closed(error: Error): void {
    const address = addressText(this.address);
    if (this.#connected) this.#gone(connectionLost(address, error.message, error));
    else {
      this.#forget();
      this.#fail(unreachable(address, error));
      this.#events.lost();
    }
  }

  /** Of a connection that was ready. */
  #gone(failure: StatusError): void {
    const lifeMs = this.#settings.clock.now() - this.#readyAt;
    if (lifeMs >= shortLifeMs || this.#connected?.answered) this.#backoff.reset();
    this.#forget();
    // The first such loss costs no call anything.
    if (this.#backoff.attempts <= 1) {
      this.failure = undefined;
      this.#become('idle');
    } else this.#fail(failure);
    this.#events.lost();
  }

  #fail(failure: StatusError): void {
    this.failure = failure;
    const { clock } = this.#settings;
    this.#retry = clock.after(Math.max(this.#retryAt - clock.now(), 0), () => this.#become('idle'));
    this.#become('transient failure');
  }

  #become(state: SubchannelState): void {
    this.#state = state;
    this.#events.changed(this);
  }
}

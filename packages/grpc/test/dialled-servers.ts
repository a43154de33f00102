/** Servers that are reached or not as a test says, without sockets. */
import { Line } from '../src/client/line.ts';
import type { Dial, DialEvents, SubchannelSettings } from '../src/client/subchannel.ts';
import { addressText } from '../src/client/target.ts';
import { StillClock } from './still-clock.ts';

/** One attempt to connect, and the connection that may come of it. */
export interface Dialled {
  readonly address: string;
  readonly at: number;
  readonly events: DialEvents;
  readonly line: Line;
  room: number;
  abandoned: boolean;
  drained: boolean;
}

export class DialledServers {
  readonly clock = new StillClock();
  readonly dials: Dialled[] = [];
  readonly #start = this.clock.now();

  readonly #dial: Dial = (address, events) => {
    const connection = {
      openStreams: 0,
      get room() {
        return dialled.room;
      },
      open(): never {
        throw new Error('no streams here');
      },
      drain() {
        dialled.drained = true;
      },
      close() {},
    };
    const dialled: Dialled = {
      address: addressText(address),
      at: this.clock.now() - this.#start,
      events,
      line: new Line(connection, { ref() {}, unref() {} }),
      room: 100,
      abandoned: false,
      drained: false,
    };
    this.dials.push(dialled);
    return {
      [Symbol.dispose]() {
        dialled.abandoned = true;
      },
    };
  };

  /** Without jitter: 1 s, 1.6 s, 2.56 s, ... */
  readonly settings: SubchannelSettings = {
    dial: this.#dial,
    clock: this.clock,
    random: () => 0.5,
    backoff: {},
    watchHealth: undefined,
  };

  /** `address@time` of every attempt. */
  get attempts(): string[] {
    return this.dials.map(({ address, at }) => `${address}@${at}`);
  }

  /** The latest attempt to that address. */
  latest(address: string): Dialled {
    const dialled = this.dials.findLast((one) => one.address === address);
    if (!dialled) throw new Error(`${address} was not dialled`);
    return dialled;
  }

  accept(address: string): Dialled {
    const dialled = this.latest(address);
    dialled.events.ready(dialled.line);
    return dialled;
  }

  refuse(address: string, message = 'ECONNREFUSED'): void {
    this.latest(address).events.closed(new Error(message));
  }
}

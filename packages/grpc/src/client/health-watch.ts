/** Asks a server on each connection whether a service of it serves: `grpc.health.v1.Health/Watch`. */

import type { MethodDefinition } from '../method.ts';
import { readFields, WireWriter } from '../protobuf-wire.ts';
import type { StatusError } from '../status-error.ts';
import { isStatusError } from '../status-error.ts';
import { notServing } from './channel-failures.ts';
import type { BackoffOptions } from './channel-options.ts';
import type { CallSettings } from './client-call.ts';
import { ConnectionBackoff } from './connection-backoff.ts';
import type { Line } from './line.ts';
import { StreamingCall } from './streaming-call.ts';
import type { WatchHealth } from './subchannel.ts';

const serving = 1;

const watchMethod: MethodDefinition<string, number, false, true> = {
  path: '/grpc.health.v1.Health/Watch',
  requestStream: false,
  responseStream: true,
  request: {
    encode: (service) => new WireWriter().text(1, service).finish(),
    decode: () => '',
    create: (service) => service,
  },
  response: {
    encode: () => new Uint8Array(),
    decode(bytes) {
      let status = 0;
      for (const field of readFields(bytes)) if (field.number === 1) status = Number(field.value);
      return status;
    },
    create: (status) => status,
  },
};

export interface HealthWatchSettings {
  readonly calls: Omit<CallSettings, 'dispatch'>;
  readonly service: string;
  readonly backoff: BackoffOptions;
  readonly random: () => number;
}

/** A server without the method counts as healthy. A watch that fails otherwise says nothing, and is begun again. */
export function watchHealth(settings: HealthWatchSettings): (address: string) => WatchHealth {
  return (address) => (line, tell) => {
    const watch = new HealthWatch(settings, line, tell, notServing(address, settings.service));
    void watch.run();
    return { [Symbol.dispose]: () => watch.end() };
  };
}

class HealthWatch {
  readonly #settings: HealthWatchSettings;
  readonly #line: Line;
  readonly #tell: (failure: StatusError | undefined) => void;
  readonly #unhealthy: StatusError;
  readonly #backoff: ConnectionBackoff;
  readonly #ended = new AbortController();
  #retry: Disposable | undefined;

  constructor(
    settings: HealthWatchSettings,
    line: Line,
    tell: (failure: StatusError | undefined) => void,
    unhealthy: StatusError,
  ) {
    this.#settings = settings;
    this.#line = line.unheld();
    this.#tell = tell;
    this.#unhealthy = unhealthy;
    this.#backoff = new ConnectionBackoff(settings.backoff, settings.random);
  }

  end(): void {
    this.#ended.abort();
    this.#retry?.[Symbol.dispose]();
  }

  async run(): Promise<void> {
    const delayMs = this.#backoff.next();
    try {
      for await (const status of this.#watch()) {
        this.#backoff.reset();
        this.#tell(status === serving ? undefined : this.#unhealthy);
      }
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      if (isStatusError(error) && error.status === 'UNIMPLEMENTED') {
        this.#tell(undefined);
        return;
      }
    }
    if (this.#ended.signal.aborted) return;
    this.#tell(this.#unhealthy);
    this.#retry = this.#settings.calls.clock.after(delayMs, () => void this.run());
  }

  #watch(): AsyncIterable<number> {
    const { calls, service } = this.#settings;
    const dispatch = {
      begin: (call: { start(line: Line): void; refuse(failure: StatusError): void }) => {
        if (this.#line.room > 0) call.start(this.#line);
        else call.refuse(this.#unhealthy);
      },
      forget: () => {},
    };
    const { signal } = this.#ended;
    return new StreamingCall({ ...calls, dispatch }, watchMethod, only(service), { signal });
  }
}

async function* only<T>(item: T): AsyncIterable<T> {
  yield item;
}

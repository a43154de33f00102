/** The standard health service: whether a server and each of its services takes calls. */
import { EventEmitter, once } from 'node:events';
import type { Call, Handlers } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '@connections/proto-utils/health';
import { failure } from '../errors/failure.ts';

/** The empty name stands for the server as a whole. */
const whole = '';
/** Serves as long as the process answers, stores or not: what a liveness probe should ask, for a restart mends no store. */
const alive = healthService.fullName;

export class Health {
  readonly #names: ReadonlySet<string>;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #serving = false;
  #draining = false;

  /** Nothing serves until it is set to. */
  constructor(services: readonly string[]) {
    this.#names = new Set([whole, ...services]);
  }

  get serving(): boolean {
    return this.#serving;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** For the server and all of its services, which share their drivers. Of no effect once drained. */
  set(serving: boolean): void {
    if (this.#draining || serving === this.#serving) return;
    this.#serving = serving;
    this.#changes.emit('change');
  }

  /** Nothing serves any more; watchers hear so, then their streams end. */
  drain(): void {
    this.set(false);
    this.#draining = true;
    this.#changes.emit('change');
  }

  readonly handlers: Handlers<typeof healthService> = {
    check: async ({ service }) => {
      const status = this.#status(service);
      if (status === ServingStatus.SERVICE_UNKNOWN) throw failure('SERVICE_UNKNOWN', { service });
      return { status };
    },
    watch: (request, call) => this.#watch(request, call),
  };

  async *#watch({ service }: HealthCheckRequest, call: Call): AsyncIterable<HealthCheckResponse> {
    let sent: ServingStatus | undefined;
    for (;;) {
      const status = this.#status(service);
      if (status !== sent) {
        sent = status;
        yield { status };
      } else if (this.#draining) {
        return;
      } else {
        await once(this.#changes, 'change', { signal: call.signal });
      }
    }
  }

  #status(service: string): ServingStatus {
    if (service === alive) return ServingStatus.SERVING;
    if (!this.#names.has(service)) return ServingStatus.SERVICE_UNKNOWN;
    return this.#serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }
}

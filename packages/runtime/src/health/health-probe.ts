/** Keeps a service's health true to its stores by asking them every few seconds. */
import { isStatusError } from '@connections/grpc';
import type { Clock } from '../clock.ts';
import type { ComposedService } from '../composed-service.ts';
import type { Log } from '../log.ts';
import type { Health } from './health.ts';

const everyMs = 5_000;
const patienceMs = 2_000;

/** Of one port of a service: whether what stands behind it answers. */
export interface PortState {
  readonly port: string;
  readonly answers: boolean;
  /** Epoch milliseconds of the first answer, or failure, of this kind. */
  readonly since: number;
  /** Why it does not answer, without a word of a vendor; undefined when it does. */
  readonly reason: string | undefined;
}

export interface HealthProbeOptions {
  readonly clock: Clock;
  readonly log: Log;
}

export class HealthProbe implements Disposable {
  readonly #service: Pick<ComposedService, 'name' | 'pings'>;
  readonly #health: Health;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #states = new Map<string, PortState>();
  #stopped = false;
  #patience = new AbortController();
  #timer: Disposable | undefined;

  constructor(
    service: Pick<ComposedService, 'name' | 'pings'>,
    health: Health,
    { clock, log }: HealthProbeOptions,
  ) {
    this.#service = service;
    this.#health = health;
    this.#clock = clock;
    this.#log = log;
  }

  /** What is known of each port; nothing before the first answer. */
  get ports(): readonly PortState[] {
    return [...this.#states.values()];
  }

  /** Asks at once, then on and on until disposed of. Resolves after the first answers. */
  async start(): Promise<void> {
    const patience = new AbortController();
    this.#patience = patience;
    const late = new Error(`no answer in ${patienceMs} ms`);
    using _late = this.#clock.after(patienceMs, () => patience.abort(late));
    await Promise.all(
      Object.entries(this.#service.pings).map(async ([port, ping]) => {
        try {
          await answerOf(ping, patience.signal);
          this.#answered(port);
        } catch (error) {
          if (!this.#stopped) this.#failed(port, error, error === late);
        }
      }),
    );
    if (this.#stopped) return;
    this.#health.set(this.ports.every(({ answers }) => answers));
    this.#timer = this.#clock.after(everyMs, () => void this.start());
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#patience.abort();
    this.#timer?.[Symbol.dispose]();
  }

  #answered(port: string): void {
    const before = this.#states.get(port);
    if (before?.answers) return;
    if (before) this.#log.info({ service: this.#service.name, port }, 'a store answers again');
    this.#states.set(port, { port, answers: true, since: this.#clock.now(), reason: undefined });
  }

  #failed(port: string, error: unknown, late: boolean): void {
    const before = this.#states.get(port);
    const since = before?.answers === false ? before.since : this.#clock.now();
    if (before?.answers !== false) {
      this.#log.warn({ service: this.#service.name, port, err: error }, 'a store does not answer');
    }
    const reason =
      late || isStatusError(error) ? (error as Error).message : 'it failed; the log has the cause';
    this.#states.set(port, { port, answers: false, since, reason });
  }
}

/** Rejects when the signal aborts, also where the driver does not heed it. */
function answerOf(ping: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    ping(signal).then(resolve, reject);
  });
}

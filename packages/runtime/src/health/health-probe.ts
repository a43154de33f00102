/** Keeps a service's health true to its stores by asking them every few seconds. */
import { isStatusError } from '@connections/grpc';
import type { Clock } from '../clock.ts';
import type { ComposedService } from '../composed-service.ts';
import type { Log } from '../log.ts';
import type { Health } from './health.ts';

const everyMs = 5_000;
/** While a store is away: what heals must not wait for us to notice. */
const soonMs = 1_000;
const patienceMs = 2_000;

/** Of one port of a service: whether what stands behind it answers. */
export interface PortState {
  readonly port: string;
  readonly answers: boolean;
  /** Epoch milliseconds of the first answer, or failure, of this kind. */
  readonly since: number;
  /** Why it does not answer, without a word of a vendor; undefined when it does. */
  readonly reason: string | undefined;
  /** What it lacks though it answers. */
  readonly concerns: readonly string[];
  /** What a store of this kind does not promise; it is none the worse for it. */
  readonly notices: readonly string[];
}

type ProbedService = Pick<ComposedService, 'name' | 'pings' | 'concerns' | 'portNotices'>;

export interface HealthProbeOptions {
  readonly clock: Clock;
  readonly log: Log;
}

export class HealthProbe implements Disposable {
  readonly #service: ProbedService;
  readonly #health: Health;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #states = new Map<string, PortState>();
  #stopped = false;
  #patience = new AbortController();
  #timer: Disposable | undefined;

  constructor(service: ProbedService, health: Health, { clock, log }: HealthProbeOptions) {
    this.#service = service;
    this.#health = health;
    this.#clock = clock;
    this.#log = log;
  }

  /** What is known of each port; nothing before the first answer. */
  get ports(): readonly PortState[] {
    return Object.keys(this.#service.pings).flatMap((port) => this.#states.get(port) ?? []);
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
    // A service of which one store answers can do that store's part; what it cannot do fails at once.
    this.#health.set(this.ports.some(({ answers }) => answers));
    const healthy = this.ports.every(({ answers }) => answers);
    this.#timer = this.#clock.after(healthy ? everyMs : soonMs, () => void this.start());
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#patience.abort();
    this.#timer?.[Symbol.dispose]();
  }

  #answered(port: string): void {
    const before = this.#states.get(port);
    const service = this.#service.name;
    const concerns = this.#service.concerns?.[port]?.() ?? [];
    if (before?.answers === false) this.#log.info({ service, port }, 'a store answers again');
    const notices = this.#service.portNotices?.[port]?.() ?? [];
    const known = new Set([...(before?.concerns ?? []), ...(before?.notices ?? [])]);
    for (const text of [...concerns, ...notices])
      if (!known.has(text)) this.#log.warn({ service, port }, text);
    const since = before?.answers ? before.since : this.#clock.now();
    this.#states.set(port, { port, answers: true, since, reason: undefined, concerns, notices });
  }

  #failed(port: string, error: unknown, late: boolean): void {
    const before = this.#states.get(port);
    const since = before?.answers === false ? before.since : this.#clock.now();
    const isExpected = late || isStatusError(error);
    const reason = isExpected ? (error as Error).message : 'it failed; the log has the cause';
    if (before?.reason !== reason) {
      const told = isExpected ? { reason: messagesOf(error).join(': ') } : { err: error };
      this.#log.warn({ service: this.#service.name, port, ...told }, 'a store does not answer');
    }
    const { concerns = [], notices = [] } = before ?? {};
    this.#states.set(port, { port, answers: false, since, reason, concerns, notices });
  }
}

/** Its own and those of its causes: where in a driver it was found out tells an operator nothing. */
function messagesOf(error: unknown): string[] {
  const messages = new Set<string>();
  for (let at = error; at instanceof Error; at = at.cause) messages.add(at.message);
  return [...messages].filter(Boolean);
}

/** Rejects when the signal aborts, also where the driver does not heed it. */
function answerOf(ping: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    ping(signal).then(resolve, reject);
  });
}

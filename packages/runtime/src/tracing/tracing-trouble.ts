/** Tells in the log what goes wrong with traces, at most once in a while: a collector may be gone for days. */
import type { DiagLogger } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

const quietMs = 60_000;

/** Keeps its silence for each message apart. */
export class TracingTrouble {
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #kept = new Map<string, { since: number; count: number }>();

  constructor(log: Log, clock: Pick<Clock, 'now'>) {
    this.#log = log;
    this.#clock = clock;
  }

  /** What the SDK says of itself: of its warnings and errors the first argument, which is a sentence. */
  get diagLogger(): DiagLogger {
    const tell = (message: string) => this.#tell('tracing is in trouble', message);
    const ignore = () => {};
    return { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore };
  }

  readonly exportFailed = (error: unknown): void => this.#tell('traces cannot be sent', error);

  #tell(message: 'tracing is in trouble' | 'traces cannot be sent', err: unknown): void {
    const now = this.#clock.now();
    const last = this.#kept.get(message);
    if (last && now - last.since < quietMs) {
      last.count += 1;
      return;
    }
    this.#kept.set(message, { since: now, count: 0 });
    this.#log.warn({ err, ...(last?.count ? { count: last.count } : {}) }, message);
  }
}

/** Traces of a process: nothing, at no cost, unless its settings ask for them. */
import type { Interceptor } from '@connections/grpc';
import type { Log } from '../log.ts';
import type { DriverObserver } from '../observed-port.ts';
import type { Environment } from '../settings/settings-table.ts';
import type { MessageTracer } from './message-tracer.ts';
import { type TracingSettings, tracingPlan } from './tracing-settings.ts';

export interface Tracing {
  /** The log of the process, whose lines now name the span that they are written in. */
  readonly log: Log;
  /** A span around each call of these rpcs. */
  interceptor(paths: Pick<ReadonlySet<string>, 'has'>): Interceptor;
  /** A span for each driver call that is part of another span. */
  readonly observe: DriverObserver;
  readonly messages: MessageTracer;
  /** Sends what is queued, as far as a collector takes it in time. Never rejects. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  readonly log: Log;
  readonly settings: TracingSettings & { readonly drainSeconds: number };
  /** That the settings were read from. */
  readonly env: Environment;
  /** Unless OTEL_SERVICE_NAME says otherwise. */
  readonly serviceName: string;
}

/** What a stop spends on the last spans, at most; less where the drain has less. */
const longestFlushMs = 2_000;

/** Undefined when tracing is off: then nothing of OpenTelemetry is loaded. */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const { log, settings, env, serviceName } = options;
  const plan = tracingPlan(settings);
  if (!plan) return undefined;
  const { startOpenTelemetry } = await import('./open-telemetry.ts');
  const flushMs = Math.min(longestFlushMs, settings.drainSeconds * 1_000);
  return startOpenTelemetry({ log, plan, env, serviceName, flushMs });
}

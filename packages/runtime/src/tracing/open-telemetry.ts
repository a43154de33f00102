/** Starts the OpenTelemetry SDK. Only loaded by a process that traces. */
import { setTimeout as delay } from 'node:timers/promises';
import { context, DiagLogLevel, diag, propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
import {
  CompositePropagator,
  setGlobalErrorHandler,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { systemClock } from '../clock.ts';
import type { Log } from '../log.ts';
import { productVersion } from '../product-version.ts';
import type { Environment } from '../settings/settings-table.ts';
import { driverSpans } from './driver-spans.ts';
import { messageSpans } from './message-spans.ts';
import { rpcSpans } from './rpc-spans.ts';
import { stderrSpanExporter } from './stderr-span-exporter.ts';
import { tracedLog } from './traced-log.ts';
import type { Tracing } from './tracing.ts';
import type { TracingPlan } from './tracing-settings.ts';
import { TracingTrouble } from './tracing-trouble.ts';

export interface OpenTelemetryOptions {
  readonly log: Log;
  readonly plan: TracingPlan;
  readonly env: Environment;
  readonly serviceName: string;
  readonly flushMs: number;
}

/** The SDK takes what is not in the plan from the environment: the collector and headers for it, sampler, resource. */
export function startOpenTelemetry(options: OpenTelemetryOptions): Tracing {
  const { log, plan, env, serviceName, flushMs } = options;
  // From that of the process and no other, which lacks what a program has read from a file.
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('OTEL_') && value !== undefined) process.env[name] = value;
  }
  const trouble = new TracingTrouble(log, systemClock);
  diag.setLogger(trouble.diagLogger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  setGlobalErrorHandler(trouble.exportFailed);
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': serviceName, 'service.version': productVersion() }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [
      plan.exporter === 'otlp'
        ? new BatchSpanProcessor(new OTLPTraceExporter())
        : new SimpleSpanProcessor(stderrSpanExporter),
    ],
  });
  // For the process, not for us alone: client libraries of stores that trace themselves join in.
  provider.register({ propagator: new CompositePropagator({ propagators: propagatorsOf(plan) }) });
  const tracer = provider.getTracer('@connections/runtime');
  return {
    log: tracedLog(log),
    interceptor: (paths) => rpcSpans(tracer, paths),
    observe: driverSpans(tracer),
    messages: messageSpans(tracer),
    async stop() {
      const flushed = provider.shutdown().then(() => true, trouble.exportFailed);
      // A collector that hangs would hold it for the whole export timeout.
      const late = delay(flushMs, false, { ref: false });
      if ((await Promise.race([flushed, late])) === false) {
        log.warn({ ms: flushMs }, 'the last traces were not sent in time');
      }
      for (const api of [trace, context, propagation, diag]) api.disable();
    },
  };
}

function propagatorsOf({ propagators }: TracingPlan): TextMapPropagator[] {
  return [
    ...(propagators.has('tracecontext') ? [new W3CTraceContextPropagator()] : []),
    ...(propagators.has('baggage') ? [new W3CBaggagePropagator()] : []),
  ];
}

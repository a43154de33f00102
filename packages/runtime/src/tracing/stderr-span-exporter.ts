/** Writes spans to standard error, one line of JSON each, for people who look for a moment. */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

/** Standard output belongs to the banner, and to what scripts read. */
export const stderrSpanExporter: SpanExporter = {
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    for (const span of spans) process.stderr.write(`${JSON.stringify(lineOf(span))}\n`);
    done({ code: ExportResultCode.SUCCESS });
  },
  shutdown: async () => {},
};

function lineOf(span: ReadableSpan) {
  const { traceId, spanId } = span.spanContext();
  return {
    span: span.name,
    kind: SpanKind[span.kind].toLowerCase(),
    time: new Date(hrTimeToMilliseconds(span.startTime)).toISOString(),
    ms: Math.round(hrTimeToMilliseconds(span.duration) * 1_000) / 1_000,
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: span.parentSpanContext?.spanId,
    ...(span.status.code === SpanStatusCode.ERROR ? { failed: true } : {}),
    ...span.attributes,
  };
}

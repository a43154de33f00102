/** A log whose lines name the span that they are written in. */
import { context, trace } from '@opentelemetry/api';
import type { Log, LogFields } from '../log.ts';

export function tracedLog(log: Log): Log {
  return {
    debugs: log.debugs,
    debug: (fields, message) => log.debug(traced(fields), message),
    info: (fields, message) => log.info(traced(fields), message),
    warn: (fields, message) => log.warn(traced(fields), message),
    error: (fields, message) => log.error(traced(fields), message),
  };
}

function traced(fields: LogFields): LogFields {
  const span = trace.getSpanContext(context.active());
  return span ? { ...fields, trace_id: span.traceId, span_id: span.spanId } : fields;
}

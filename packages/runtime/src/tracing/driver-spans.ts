/** A span for each call to a driver that is made on behalf of a traced one. */
import { context, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import type { DriverObserver } from '../observed-port.ts';
import { setFailure } from './span-failure.ts';

const unobserved = (): void => {};

/** What a service does by itself, such as its health probe, begins no trace. */
export function driverSpans(tracer: Tracer): DriverObserver {
  return ({ port, driver, operation }) => {
    if (!trace.getSpan(context.active())) return unobserved;
    const span = tracer.startSpan(`${port}.${operation}`, {
      kind: driver === 'embedded' ? SpanKind.INTERNAL : SpanKind.CLIENT,
      attributes: { 'connections.port': port, 'connections.driver': driver },
    });
    return (failure) => {
      if (failure !== undefined) setFailure(span, failure);
      span.end();
    };
  };
}

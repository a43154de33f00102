/** Spans of the way of a message: its publishing, and each of its deliveries until that is settled. */
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapSetter,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { MessageTracer } from './message-tracer.ts';
import { setFailure } from './span-failure.ts';
import type { TraceHeaders } from './trace-headers.ts';

const reader: TextMapGetter<TraceHeaders> = {
  get: (headers, key) => headers.get(key),
  keys: (headers) => [...headers.keys()],
};
const writer: TextMapSetter<Map<string, string>> = { set: (headers, key, value) => headers.set(key, value) };

export function messageSpans(tracer: Tracer): MessageTracer {
  return {
    async publishing(destination, count, publish, problem) {
      const span = tracer.startSpan(`publish ${destination}`, {
        kind: SpanKind.PRODUCER,
        attributes: {
          'messaging.system': 'connections',
          'messaging.operation.name': 'publish',
          'messaging.operation.type': 'send',
          'messaging.destination.name': destination,
          'messaging.batch.message_count': count,
        },
      });
      const inside = trace.setSpan(context.active(), span);
      try {
        const result = await context.with(inside, publish, undefined, headersOf(inside));
        const unconfirmed = problem(result);
        if (unconfirmed !== undefined) {
          span.setAttribute('error.type', unconfirmed).setStatus({ code: SpanStatusCode.ERROR });
        }
        return result;
      } catch (error) {
        setFailure(span, error);
        throw error;
      } finally {
        span.end();
      }
    },

    /**
     * In the trace of the publisher, so that this is one from end to end, and linked to the stream that it went out on.
     * A trace of its own where the message has none: streams stay open for days.
     */
    delivering({ queue, attempt, headers }) {
      const stream = trace.getSpanContext(context.active());
      const options = {
        kind: SpanKind.CONSUMER,
        links: stream ? [{ context: stream }] : [],
        attributes: {
          'messaging.system': 'connections',
          'messaging.operation.name': 'deliver',
          'messaging.operation.type': 'process',
          'messaging.destination.name': queue,
          'connections.delivery.attempt': attempt,
        },
      };
      const creation = propagation.extract(ROOT_CONTEXT, headers, reader);
      const span = tracer.startSpan(`deliver ${queue}`, options, creation);
      return (outcome) => {
        span.setAttribute('connections.delivery.outcome', outcome).end();
      };
    },
  };
}

function headersOf(inside: Context): TraceHeaders {
  const headers = new Map<string, string>();
  propagation.inject(inside, headers, writer);
  return headers;
}

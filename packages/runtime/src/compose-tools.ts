/** What a service is composed with. */
import type { Channel } from '@connections/grpc';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { driverMetrics } from './metrics/driver-metrics.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import type { DriverObserver } from './observed-port.ts';
import type { MessageTracer } from './tracing/message-tracer.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface ComposeTools {
  readonly clock: Clock;
  /** Of this service alone, so that it tells the same in a process of its own and beside another. */
  readonly metrics: Metrics;
  /** Sees every call to a driver. */
  readonly observe: DriverObserver;
  /** Follows messages, where the process traces. */
  readonly tracer?: MessageTracer | undefined;
  /** For what happens behind the calls. @default nothing is written */
  readonly log?: Log | undefined;
  /** To another service of ours, by its address. @default our own transport, plain text */
  readonly openChannel?: ((address: string) => Channel) | undefined;
}

/** The tools of one service; spans begin and end inside of what the metrics time. */
export function createComposeTools(
  clock: Clock,
  tracing?: Pick<Tracing, 'observe'> & Partial<Pick<Tracing, 'messages'>>,
  log?: Log,
): ComposeTools {
  const metrics = createMetrics();
  const timed = driverMetrics(metrics);
  const observe = tracing ? nested(timed, tracing.observe) : timed;
  return { clock, metrics, observe, tracer: tracing?.messages, log };
}

function nested(outer: DriverObserver, inner: DriverObserver): DriverObserver {
  return (call) => {
    const outerEnds = outer(call);
    const innerEnds = inner(call);
    return (failure) => {
      innerEnds(failure);
      outerEnds(failure);
    };
  };
}

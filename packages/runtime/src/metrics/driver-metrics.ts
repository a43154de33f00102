/** Counts and times what services ask of their drivers. */
import { isStatusError, type StatusName } from '@connections/grpc/status';
import type { DriverCall, DriverObserver } from '../observed-port.ts';
import type { Metrics } from './metrics.ts';
import type { Counter, Histogram } from './series.ts';

interface CallSeries {
  readonly seconds: Histogram;
  readonly byCode: Map<StatusName, Counter>;
}

export function driverMetrics(metrics: Metrics): DriverObserver {
  /** One entry for each method of each port: the calls of one are always described by the same object. */
  const known = new Map<DriverCall, CallSeries>();
  const begin = (call: DriverCall): CallSeries => {
    const { port, driver, operation } = call;
    const series = {
      seconds: metrics.histogram('driverSeconds', { port, driver, operation }),
      byCode: new Map<StatusName, Counter>(),
    };
    known.set(call, series);
    return series;
  };
  return (call) => {
    const { seconds, byCode } = known.get(call) ?? begin(call);
    const start = performance.now();
    return (failure) => {
      seconds.observe((performance.now() - start) / 1_000);
      const code = codeOf(failure);
      let counter = byCode.get(code);
      if (!counter) {
        const { port, driver, operation } = call;
        counter = metrics.counter('driverCalls', { port, driver, operation, code });
        byCode.set(code, counter);
      }
      counter.add();
    };
  };
}

function codeOf(failure: unknown): StatusName {
  if (failure === undefined) return 'OK';
  return isStatusError(failure) ? failure.status : 'UNKNOWN';
}

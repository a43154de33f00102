/** What every service tells of the process that it runs in. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';

const resolutionMs = 10;

/** Measures the event loop until disposed of. */
export function collectProcess(metrics: Metrics, version: string): Disposable {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  metrics.collect((report) => {
    report('buildInfo', { version, node: process.versions.node }, 1);
    report('startTime', {}, performance.timeOrigin / 1_000);
    const cpu = process.cpuUsage();
    report('cpuSeconds', {}, (cpu.user + cpu.system) / 1e6);
    const memory = process.memoryUsage();
    report('residentBytes', {}, memory.rss);
    report('memoryBytes', { kind: 'heap_used' }, memory.heapUsed);
    report('memoryBytes', { kind: 'heap_total' }, memory.heapTotal);
    report('memoryBytes', { kind: 'external' }, memory.external);
    for (const quantile of [0.5, 0.99, 1]) {
      report(
        'eventLoopDelay',
        { quantile: String(quantile) },
        lateSeconds(delays.percentile(quantile * 100)),
      );
    }
    delays.reset();
  });
  return { [Symbol.dispose]: () => delays.disable() };
}

/** Node measures from tick to tick, so the time between them is in what it measures. */
function lateSeconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolutionMs / 1_000);
}

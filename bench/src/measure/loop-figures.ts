/** The figures of one closed loop. */
import type { LoopResult } from '../served/closed-loop.ts';
import type { Figures } from './measurement.ts';

export function loopFigures({ calls, elapsedMs, cpuMs }: LoopResult): Figures {
  return { 'operations/s': calls / (elapsedMs / 1_000), 'µs of CPU/call': (cpuMs * 1_000) / calls };
}

/** A case of calls against a server: how many a second, and what they cost it. */
import { cpuMsOf } from '../child/process-usage.ts';
import type { Case, Figures } from '../measure/measurement.ts';
import type { LoadGenerator, LoadShape, LoadTarget } from './load-target.ts';

export interface ServedTarget extends LoadTarget {
  /** Process of the server. */
  readonly pid: number;
}

const longestRunMs = 60_000;

export function loadCase(
  generator: LoadGenerator,
  shape: LoadShape,
  /** Asked for before each run. */
  targetOf: () => ServedTarget,
  names: Pick<Case, 'name' | 'against' | 'goals'>,
): Case {
  const run = async (runMs: number): Promise<Figures> => {
    const target = targetOf();
    const before = cpuMsOf(target.pid);
    const { calls, elapsedMs } = await generator.run(target, { ...shape, runMs });
    const after = cpuMsOf(target.pid);
    // A run in which nothing was answered is no measure: it is repeated with twice the time.
    if (calls === 0 && runMs <= longestRunMs) return run(runMs * 2);
    if (calls === 0) throw new Error(`${target.path} answered nothing`);
    const figures = { 'calls/s': calls / (elapsedMs / 1_000) };
    if (before === undefined || after === undefined) return figures;
    return { ...figures, 'µs of CPU/call': ((after - before) * 1_000) / calls };
  };
  return { ...names, run: () => run(shape.runMs) };
}

/** Where and on what the figures were taken. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

export interface Occasion {
  readonly date: string;
  /** Undefined outside of a checkout. */
  readonly commit: string | undefined;
  /** Files differ from the commit. */
  readonly modified: boolean;
}

export function describeMachine(node: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    system: `${type()} ${release()}`,
    node,
  };
}

export function describeOccasion(folder: string): Occasion {
  const commit = git(folder, ['rev-parse', '--short', 'HEAD'])?.trim();
  const changes = git(folder, ['status', '--porcelain', '--untracked-files=no']);
  return { date: new Date().toISOString(), commit, modified: Boolean(changes) };
}

/** Of the last minute; what else ran is in it. */
export function loadAverage(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

function git(cwd: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

/** Keeps what is measured and what measures on cores of their own. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export type Core = 'server' | 'generator';

const numbers: Readonly<Record<Core, string>> = { server: '0', generator: '1' };

/** Not with one core, nor without `taskset`. */
const available = availableParallelism() > 1 && hasTaskset();

export const pinningText = available ? 'server on core 0, generator on core 1' : 'none';

/** A command with its arguments, to be run on a core. */
export function pinned(core: Core, command: readonly string[]): readonly string[] {
  return available ? ['taskset', '-c', numbers[core], ...command] : command;
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

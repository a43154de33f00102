/** Tells a process from a later one that was given the same id. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and clock tick at which the process started; empty where there is no /proc. */
  readonly started: string;
  /** Process ids mean nothing on another host or in another container. */
  readonly host: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? '', host: hostname() };
}

/** Whether that process, one of this host, is running now. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  if (started !== '') return startOf(pid) === started;
  // Without /proc one's own id on an old claim is that of a predecessor: a container restarts as the same id.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * proc(5): field 3 of stat is the state, 22 the start time; the name in field 2 may hold spaces and parentheses. A dead
 * process that nobody has waited for (`Z`) has no start: it holds nothing any more.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

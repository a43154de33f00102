/** What another process has used so far, where the system tells. */
import { readFileSync } from 'node:fs';

/** Linux counts in ticks of 10 ms on every architecture that Node runs on. */
const tickMs = 10;

/** Processor time in milliseconds; undefined where there is no /proc. */
export function cpuMsOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field, the name in parentheses, may hold spaces.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Resident memory in MiB; undefined where there is no /proc. */
export function residentMiBOf(pid: number): number | undefined {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kib === undefined ? undefined : Number(kib) / 1_024;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Finds the process that listens on a port, where the system tells: Linux, and processes we may look into. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const listening = '0A';

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

export function findPortHolder(port: number): PortHolder | undefined {
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeners(table, port)));
  if (sockets.size === 0) return undefined;
  for (const pid of attempt(() => readdirSync('/proc'), [])) {
    if (!/^\d+$/.test(pid)) continue;
    const descriptors = attempt(() => readdirSync(`/proc/${pid}/fd`), []);
    if (descriptors.some((fd) => sockets.has(attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '')))) {
      return {
        pid: Number(pid),
        command: attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), ''),
      };
    }
  }
  return undefined;
}

/** The sockets of a table of proc(5) that listen on the port, named as links of file descriptors name them. */
function listeners(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return attempt(() => readFileSync(table, 'utf8'), '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${hexPort}`) && columns[3] === listening)
    .map((columns) => `socket:[${columns[9]}]`);
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

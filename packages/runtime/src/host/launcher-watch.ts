/** Notices that a program which started this process is gone, where that program passes no signals on. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const checkEveryMs = 250;

/** A process and the one that started it. */
interface Link {
  readonly pid: number;
  readonly parent: number;
}

interface ProcessEntry {
  readonly parent: number;
  readonly command: string;
}

/**
 * Resolves once one of the links is broken: each launcher may be the only one that got a signal. Never resolves without
 * links.
 */
export async function launcherGone(links: readonly Link[]): Promise<void> {
  while (links.length > 0) {
    await delay(checkEveryMs, undefined, { ref: false });
    for (const { pid, parent } of links) {
      // The parent's own entry would not do: a dead process keeps it until somebody waits for it.
      const now = await readProcess(pid);
      // What cannot be read, for want of file descriptors or because it is gone itself, says nothing of its parent.
      if (now && now.parent !== parent) return;
    }
  }
  return new Promise(() => {});
}

/**
 * From this process upwards, as long as the parent runs the program. None for no program, and where the system tells
 * nothing of processes (Windows).
 *
 * To be waited for before anything is announced: whoever reads the announcement may end a launcher at once, and the
 * links above it could not be found any more.
 */
export async function launchers(program: string | undefined): Promise<Link[]> {
  const links: Link[] = [];
  if (program === undefined) return links;
  for (let pid = process.pid; ; ) {
    const parent = (await readProcess(pid))?.parent ?? 0;
    const command = (await readProcess(parent))?.command ?? '';
    if (!runs(command, program)) return links;
    links.push({ pid, parent });
    pid = parent;
  }
}

/**
 * `moon run`, `node …/bin/moon run`, `sh -c 'moon' run` and `npm exec moon run` run moon. A shell that was told to do that
 * among other things does not, and it may end before.
 */
function runs(command: string, program: string): boolean {
  return command
    .split(' ', 3)
    .map((word) => basename(word.replaceAll(/['"]/g, '')))
    .includes(program);
}

/** From proc(5), else from ps(1). */
async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  try {
    if (process.platform === 'linux') {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
      // The name in field 2 may hold spaces and parentheses; field 4 is the parent.
      return { parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]), command };
    }
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)]);
    const [, parent, command = ''] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
    return { parent: Number(parent), command };
  } catch {
    return undefined;
  }
}

/** Stops a process as SIGSTOP does, and knows when it has. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const deadlineMs = 5_000;

/**
 * Returns when no thread runs any more: the signal alone reaches the threads of a busy process only after a while, and
 * one of them may answer meanwhile. Where there is no /proc to ask, the signal has to do.
 */
export function stopProcess(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  const threads = `/proc/${pid}/task`;
  const end = performance.now() + deadlineMs;
  while (
    existsSync(threads) &&
    !readdirSync(threads).every((thread) => isStopped(`${threads}/${thread}/stat`))
  ) {
    if (performance.now() > end) throw new Error(`process ${pid} does not stop`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

/** The state stands behind the name, which is in parentheses and may hold some. A thread that has ended is stopped, too. */
function isStopped(file: string): boolean {
  try {
    const text = readFileSync(file, 'latin1');
    return /[TtZX]/.test(text.charAt(text.lastIndexOf(')') + 2));
  } catch {
    return true;
  }
}

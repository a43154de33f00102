/** A temporary folder whose servers are killed, and which is removed, when this process ends in whatever way. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Waits for the end of this process, which closes its input. The folder is renamed first: a server that is just being
 * started cannot note its id any more and gives up, and every id that was noted is found. Removing is tried again because
 * a killed server may still be writing.
 */
const guard = `
read -r _
mv "$1" "$1.gone" || exit
for note in "$1".gone/*.pid; do read -r pid <"$note" && kill -9 "$pid"; done
for _ in 1 2 3 4 5 6 7 8 9; do rm -rf "$1.gone" && exit; sleep 0.2; done
`;

/** Notes its id, then becomes the server: no server runs whose id the guard does not know. */
const start = 'echo $$ >"$1" || exit; shift; exec "$@"';

let folder: string | undefined;

/** One per process, made with its guard at the first call. */
export function guardedFolder(): string {
  if (folder) return folder;
  folder = mkdtempSync(join(tmpdir(), 'connections-servers-'));
  // A group of its own: Ctrl-C at the terminal must not end the guard before its work.
  const child = spawn('sh', ['-c', guard, 'guard', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  // Unknown to the types: a pipe to a child is a socket.
  (child.stdin as unknown as { unref(): void }).unref();
  return folder;
}

/** The command line that starts `command` under the guard; `idFile` is to lie in the guarded folder and end in `.pid`. */
export function guarded(idFile: string, command: string, args: readonly string[]): [string, string[]] {
  return ['sh', ['-c', start, 'start', idFile, command, ...args]];
}

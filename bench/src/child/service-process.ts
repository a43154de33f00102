/** The real services as their users start them, with default settings, on free ports and a folder of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinned } from './pinning.ts';
import { temporaryFolder } from './temporary-folder.ts';

const main = fileURLToPath(new URL('main.js', import.meta.resolve('@connections/standalone')));
const startMs = 30_000;
const stopMs = 15_000;

export interface ServiceProcess extends AsyncDisposable {
  readonly pid: number;
  /** `host:port`. */
  readonly database: string;
  readonly messaging: string;
  /** From the start of the process to its ready line. */
  readonly readyMs: number;
}

/** Resolves with its ready line. `settings`: beside the defaults. */
export async function startServices(
  folder = temporaryFolder(),
  settings: Readonly<Record<string, string>> = {},
): Promise<ServiceProcess> {
  const [command = process.execPath, ...args] = pinned('server', [
    process.execPath,
    '--enable-source-maps',
    main,
  ]);
  const logFile = join(folder, 'services.log');
  // The log goes where a deployment's goes: not to a terminal.
  const log = openSync(logFile, 'a');
  const begin = performance.now();
  const child = spawn(command, args, {
    // Away from the checkout, so that no .env is read; the environment is this alone, so that defaults hold.
    cwd: folder,
    env: {
      CONNECTIONS_DATA: folder,
      DATABASE_CONNECTION_PORT: '0',
      MESSAGING_CONNECTION_PORT: '0',
      ...settings,
    },
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const closed = once(child, 'close');
  const banner = new Promise<string>((resolve) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (/is ready in \d+ ms\n/.test(text)) resolve(text);
    });
  });
  const stop = () => ended(child, closed, stopMs);
  const late = setTimeout(() => child.kill('SIGKILL'), startMs);
  const failed = closed.then(() => {
    throw new Error(`the services did not start: ${readFileSync(logFile, 'utf8')}`);
  });
  const text = await Promise.race([banner, failed]);
  failed.catch(() => {});
  clearTimeout(late);
  const address = (name: string) => new RegExp(`^ +${name} +(\\S+)`, 'm').exec(text)?.[1] ?? '';
  return {
    pid: child.pid ?? 0,
    database: address('database'),
    messaging: address('messaging'),
    readyMs: performance.now() - begin,
    [Symbol.asyncDispose]: stop,
  };
}

/** Resolves when the process is gone, which it is asked to be. */
async function ended(child: ChildProcess, closed: Promise<unknown>, timeoutMs: number): Promise<void> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await closed;
  clearTimeout(late);
}

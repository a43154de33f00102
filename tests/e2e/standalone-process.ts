/** The real standalone process, for tests that start, stop and kill it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transportVariables } from '@connections/testing';

// From tests/dist/e2e to the root of the checkout.
const main = fileURLToPath(new URL('../../../apps/connections/standalone/dist/src/main.js', import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whose process it is; this one's user unless it says. */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

export interface StandaloneProcess extends AsyncDisposable {
  readonly pid: number;
  /** `host:port`, read from the banner. */
  readonly databaseAddress: string;
  readonly messagingAddress: string;
  /** `http://host:port` of the side ports; empty where none is open. */
  readonly databaseHttp: string;
  readonly messagingHttp: string;
  kill(signal: NodeJS.Signals): void;
  /** How it ended. */
  readonly exited: Promise<Exit>;
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Gone when the tests of the file have ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'connections-e2e-'));
  folders.push(folder);
  return folder;
}

/** Runs the process until it ends by itself. The environment is `env` alone, on free ports unless it names others. */
export function runStandalone(env: Readonly<Record<string, string>>, user: User = {}): Promise<Exit> {
  return outcome(launch(env, user)).exited;
}

/** Resolves once the banner's last line is out; rejects with the output when the process ends before. */
export async function startStandalone(env: Readonly<Record<string, string>>): Promise<StandaloneProcess> {
  const child = launch(env);
  const { exited, banner } = outcome(child);
  const text = await Promise.race([
    banner,
    exited.then(({ code, stderr }) =>
      Promise.reject(new Error(`ended with ${code} before it was ready: ${stderr}`)),
    ),
  ]);
  const line = (name: string) => new RegExp(`^ +${name} +(\\S+)(?: +(http:\\S+))?$`, 'm').exec(text) ?? [];
  const [, databaseAddress = '', databaseHttp = ''] = line('database');
  const [, messagingAddress = '', messagingHttp = ''] = line('messaging');
  return {
    pid: child.pid ?? 0,
    databaseAddress,
    messagingAddress,
    databaseHttp,
    messagingHttp,
    kill: (signal) => child.kill(signal),
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function launch(env: Readonly<Record<string, string>>, user: User = {}): ChildProcess {
  return spawn(process.execPath, ['--enable-source-maps', main], {
    ...user,
    // Away from the checkout, so that no .env of a developer is read.
    cwd: tmpdir(),
    env: { ...transportVariables, DATABASE_CONNECTION_PORT: '0', MESSAGING_CONNECTION_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function outcome(child: ChildProcess): { readonly exited: Promise<Exit>; readonly banner: Promise<string> } {
  let stdout = '';
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const banner = new Promise<string>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (/is ready in \d+ ms\n/.test(stdout)) resolve(stdout);
    });
  });
  // `close` comes when the output is complete, `exit` may come before.
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }));
  return { exited, banner };
}

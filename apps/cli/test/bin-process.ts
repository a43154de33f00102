/** The `connections` command as processes of its own: both services with `up`, and what is run against them. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, transportVariables } from '@connections/testing';

// What bin/connections.mjs runs when it has built what is stale.
const main = fileURLToPath(new URL('../src/main.js', import.meta.url));

type Variables = Readonly<Record<string, string>>;

export interface BinExit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BinProcess extends AsyncDisposable {
  /** So far. */
  readonly stdout: string;
  readonly stderr: string;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<BinExit>;
}

/** The environment is `env` alone, and no `.env` of a checkout is read. */
export function startBin(words: readonly string[], env: Variables): BinProcess {
  const child = spawn(process.execPath, ['--enable-source-maps', main, ...words], {
    cwd: tmpdir(),
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  gather(child, output);
  const exited = once(child, 'close').then(([code]) => ({ code, ...output }));
  return {
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    kill: (signal) => child.kill(signal),
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** `line` is split at spaces; an array is taken as it is. */
export function runBin(line: string | readonly string[], env: Variables): Promise<BinExit> {
  return startBin(typeof line === 'string' ? line.split(' ') : line, env).exited;
}

export interface ServicesProcess extends AsyncDisposable {
  readonly databaseAddress: string;
  readonly messagingAddress: string;
  /** Makes a command find these services. */
  readonly env: Variables;
}

/** Gone when the tests of the file have ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'connections-cli-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Resolves when both services are ready, on free ports unless `env` names others. */
export async function startServices(env: Variables = {}): Promise<ServicesProcess> {
  const ports = { DATABASE_CONNECTION_PORT: '0', MESSAGING_CONNECTION_PORT: '0' };
  const services = startBin(['up'], {
    ...transportVariables,
    CONNECTIONS_DATA: temporaryFolder(),
    ...ports,
    ...env,
  });
  const failed = services.exited.then(({ code, stderr }) => {
    throw new Error(`the services ended with ${code} before they were ready: ${stderr}`);
  });
  const ready = eventually(() => assert.match(services.stdout, /is ready in \d+ ms\n/), 20_000);
  await Promise.race([ready, failed]);
  // What becomes of the process later is the test's to see.
  failed.catch(() => {});
  const address = (name: string) => new RegExp(`^ +${name} +(\\S+)`, 'm').exec(services.stdout)?.[1] ?? '';
  const [databaseAddress, messagingAddress] = [address('database'), address('messaging')];
  return {
    databaseAddress,
    messagingAddress,
    env: {
      DATABASE_CONNECTION_PORT: databaseAddress.split(':')[1] ?? '',
      MESSAGING_CONNECTION_PORT: messagingAddress.split(':')[1] ?? '',
    },
    [Symbol.asyncDispose]: () => services[Symbol.asyncDispose](),
  };
}

function gather(child: ChildProcess, output: { stdout: string; stderr: string }): void {
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
}

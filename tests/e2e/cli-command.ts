/** The real `connections` command as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** What the bin runs when it has seen that the build is fresh, which the runner of the tests has done before. */
export const cliMain = `${root}apps/cli/dist/src/main.js`;
/** Where `npx connections` finds the command. */
export const cliBin = `${root}node_modules/.bin/connections`;

export interface CommandExit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** The whole environment besides PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** @default one without a `.env` file */
  readonly folder?: string;
}

export interface RunningCommand extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly exited: Promise<CommandExit>;
}

/** Runs `connections` with the words to its end. */
export function runCommand(words: readonly string[], options: CommandOptions = {}): Promise<CommandExit> {
  return startCommand([process.execPath, cliMain, ...words], options).exited;
}

/** Starts a program by its path and words. */
export function startCommand(
  [program = '', ...words]: readonly string[],
  { env = {}, folder = tmpdir() }: CommandOptions = {},
): RunningCommand {
  const child = spawn(program, words, {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  return {
    child,
    stdout: () => stdout,
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

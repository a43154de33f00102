/** Runs a command line in this process, on a captured terminal. */
import type { EnvironmentLayer } from '@connections/runtime/environment';
import { layerEnvironment } from '@connections/runtime/environment';
import type { CliContext } from '../src/cli-context.ts';
import { runCli } from '../src/run-cli.ts';
import { type CapturedTerminal, type CaptureOptions, captureTerminal } from './captured-terminal.ts';

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRunOptions extends Omit<CaptureOptions, 'env'> {
  readonly env?: Readonly<Record<string, string>>;
  /** The `.env` file. */
  readonly envFile?: Readonly<Record<string, string>>;
  readonly serve?: CliContext['serve'];
  /** Called with the terminal when the run has begun. */
  readonly during?: (terminal: CapturedTerminal) => void;
}

/** `line` is split at spaces; an array is taken as it is. */
export async function cli(line: string | readonly string[], options: CliRunOptions = {}): Promise<CliRun> {
  const { env = {}, envFile = {}, serve = refuse, during, ...capture } = options;
  const layers: readonly EnvironmentLayer[] = [
    { origin: '.env', variables: envFile },
    { origin: 'environment', variables: env },
  ];
  const terminal = captureTerminal({ ...capture, env: layerEnvironment(layers).env });
  const words = typeof line === 'string' ? line.split(' ').filter(Boolean) : line;
  const running = runCli(words, { terminal, layers, serve });
  during?.(terminal);
  const code = await running;
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}

async function refuse(): Promise<never> {
  throw new Error('this run starts no services');
}

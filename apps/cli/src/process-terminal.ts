/** The terminal of the process. */
import type { Environment } from '@connections/runtime';
import type { Terminal } from './terminal.ts';

export interface ProcessStreams {
  readonly env: Environment;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly interrupted: AbortSignal;
}

export function createProcessTerminal({ env, stdin, stdout, stderr, interrupted }: ProcessStreams): Terminal {
  return {
    env,
    stdin,
    interrupted,
    colour: wantsColour(env, stdout.isTTY === true),
    // A getter: the window may be resized while a command watches.
    get columns() {
      return stdout.isTTY ? stdout.columns || undefined : undefined;
    },
    print: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
  };
}

/** https://no-color.org, and FORCE_COLOR as Node reads it, which wins. */
export function wantsColour(env: Environment, isTerminal: boolean): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: kind } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTerminal && !refused && kind !== 'dumb';
}

/** A terminal that keeps what is printed. */
import { Readable } from 'node:stream';
import type { Environment } from '@connections/runtime';
import type { Terminal } from '../src/terminal.ts';

export interface CapturedTerminal extends Terminal {
  readonly stdout: string;
  readonly stderr: string;
  /** As Ctrl-C does. */
  interrupt(): void;
}

export interface CaptureOptions {
  readonly env?: Environment;
  readonly stdin?: string;
  readonly columns?: number;
  readonly colour?: boolean;
}

export function captureTerminal(options: CaptureOptions = {}): CapturedTerminal {
  const { env = {}, stdin = '', columns, colour = false } = options;
  const interrupt = new AbortController();
  let stdout = '';
  let stderr = '';
  return {
    env,
    stdin: Readable.from(stdin === '' ? [] : [stdin]),
    columns,
    colour,
    interrupted: interrupt.signal,
    print: (text) => {
      stdout += `${text}\n`;
    },
    note: (text) => {
      stderr += `${text}\n`;
    },
    interrupt: () => interrupt.abort(),
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
  };
}

/** What a command knows of the terminal it runs in: given by main.ts, and by tests. */
import type { Environment } from '@connections/runtime';

export interface Terminal {
  /** The shell's variables and those of `.env`; the shell wins. */
  readonly env: Environment;
  readonly stdin: NodeJS.ReadableStream;
  /** A line, or several, to standard output. */
  print(text: string): void;
  /** A line, or several, to standard error: notes and progress. */
  note(text: string): void;
  /** Undefined where standard output is no terminal. */
  readonly columns: number | undefined;
  readonly colour: boolean;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** The failures that the command line itself finds. */
import { exitCodes } from './exit-codes.ts';

export interface CliErrorOptions {
  /** What a person can do about it. */
  readonly hint?: string | undefined;
  /** @default 1 */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** Becomes one line on standard error, `message: hint`, and the exit code. */
export class CliError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: CliErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? exitCodes.failed;
  }
}

/** Of wrong use of the command, or settings that are not valid. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { hint, exitCode: exitCodes.usage });
}

/** What is said of a failure, and the exit code it becomes: the one place for both. */
import { isStatusError, type StatusError } from '@connections/grpc/status';
import { reasons } from '@connections/runtime/errors';
import { CliError } from './cli-error.ts';
import { exitCodes, failedCallCode } from './exit-codes.ts';
import { printable } from './text-width.ts';

export interface FailureReport {
  /** One line; one for each problem of settings, and the stack for a defect of ours. */
  readonly text: string;
  readonly exitCode: number;
}

/** What to do about a server that does not know what it is asked. */
export const otherServiceHint = 'check the address: another service answers there, or an older one';

export function reportFailure(error: unknown): FailureReport {
  if (error instanceof CliError) {
    const { message, hint, exitCode } = error;
    const text = hint === undefined ? message : `${message}: ${hint}`;
    return { text: text.split('\n').map(printable).join('\n'), exitCode };
  }
  if (isStatusError(error)) {
    return { text: callFailure(error), exitCode: failedCallCode(error.status) };
  }
  if (isSystemError(error)) return { text: oneLine(error.message), exitCode: exitCodes.failed };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text, exitCode: exitCodes.failed };
}

function callFailure(error: StatusError): string {
  const { status, reason } = error;
  const name = reason && reason !== status ? `${status} ${reason}` : status;
  return oneLine(`${problemOf(error)} (${name})`, adviceOf(error));
}

function problemOf({ message, details }: StatusError): string {
  // The message of a request with several wrong fields has the first of them only.
  const violations = details.flatMap((detail) => (detail.kind === 'BadRequest' ? detail.violations : []));
  if (violations.length > 0) {
    return violations.map(({ field, description }) => `${field}: ${description}`).join('; ');
  }
  return message || 'the call failed';
}

function adviceOf({ status, reason, details }: StatusError): string | undefined {
  if (details.some(({ kind }) => kind === 'BadRequest')) return 'correct what the request holds there';
  if (reason !== undefined && Object.hasOwn(reasons, reason)) {
    const { advice } = reasons[reason as keyof typeof reasons];
    return advice.charAt(0).toLowerCase() + advice.slice(1).replace(/\.$/, '');
  }
  if (status === 'UNIMPLEMENTED') return otherServiceHint;
  return undefined;
}

function oneLine(message: string, hint?: string): string {
  const text = hint === undefined ? message : `${message}: ${hint}`;
  return printable(text.replace(/\s*\n\s*/g, '; '));
}

// Codes such as ERR_INVALID_ARG_TYPE are Node's for mistakes in a program.
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && !code.startsWith('ERR_');
}

/** The one error class of calls, on the server and on the client. */
import type { ErrorDetail, ErrorInfo } from './error-details.ts';
import type { FailureStatus } from './status.ts';

const brand = Symbol.for('connections.grpc.StatusError');

export interface StatusErrorOptions {
  readonly details?: readonly ErrorDetail[];
  /** Stays in this process: it is logged, never sent. */
  readonly cause?: unknown;
  /** See StatusError. @default false */
  readonly unsent?: boolean;
}

/**
 * A failed call. `message` is for humans and goes to the peer without the `[STATUS]` prefix that
 * `toString()` and stack traces show; it must hold nothing secret.
 */
export class StatusError extends Error {
  readonly status: FailureStatus;
  readonly details: readonly ErrorDetail[];
  /** The call never left this process: there was no connection. */
  readonly unsent: boolean;

  constructor(status: FailureStatus, message: string, options: StatusErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.details = options.details ?? [];
    this.unsent = options.unsent ?? false;
    this.name = `StatusError [${status}]`;
    Object.defineProperty(this, brand, { value: true });
  }

  /** The stable reason from the ErrorInfo detail, or undefined when the peer sent none. */
  get reason(): string | undefined {
    return this.details.find((detail): detail is ErrorInfo => detail.kind === 'ErrorInfo')?.reason;
  }
}

/** Recognises the error by its brand, so that two installed copies of this package agree. */
export function isStatusError(error: unknown): error is StatusError {
  return typeof error === 'object' && error !== null && brand in error;
}

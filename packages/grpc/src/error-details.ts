/** The error details we send and understand: the google.rpc messages of the same names. */

/** Why it failed, for programs: `reason` is stable UPPER_SNAKE text, unique inside `domain`. */
export interface ErrorInfo {
  readonly kind: 'ErrorInfo';
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Which fields of the request are wrong, and how. `field` is a path in the request message's proto names. */
export interface BadRequest {
  readonly kind: 'BadRequest';
  readonly violations: readonly { readonly field: string; readonly description: string }[];
}

/** The call may succeed when repeated after this delay. */
export interface RetryInfo {
  readonly kind: 'RetryInfo';
  /** Sent as 0 when it is negative or no number, and as `Number.MAX_SAFE_INTEGER` when it is larger. */
  readonly delayMs: number;
}

export type ErrorDetail = ErrorInfo | BadRequest | RetryInfo;

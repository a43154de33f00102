/** The error codes of HTTP/2 (RFC 9113, section 7) and the two scopes of an error. */

export const errorCodes = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

export type ErrorCodeName = keyof typeof errorCodes;

const names = Object.keys(errorCodes) as ErrorCodeName[];

/** A code that is not known means the same as INTERNAL_ERROR (RFC 9113, section 7). */
export function errorCodeName(code: number): ErrorCodeName {
  return names[code] ?? 'INTERNAL_ERROR';
}

/** Ends the connection: a GOAWAY with this code, then the socket is closed. */
export class ConnectionError extends Error {
  readonly code: ErrorCodeName;

  constructor(code: ErrorCodeName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = `ConnectionError [${code}]`;
    this.code = code;
  }
}

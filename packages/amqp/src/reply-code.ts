/** The codes with which a broker says no: it closes the channel with them, or the connection. */

export const accessRefused = 403;
export const notFound = 404;
export const preconditionFailed = 406;
/** Closes the connection. */
export const notImplemented = 540;

/** Undefined for what is no reply of the broker. */
export function replyCode(error: unknown): number | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

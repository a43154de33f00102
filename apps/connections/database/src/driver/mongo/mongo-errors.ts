/** What an error of the MongoDB driver tells about the operation that it ended. */
import {
  MongoError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb';

/**
 * - `UNSENT`: nothing came of it, of the last try at least: the driver repeats some operations once by itself, and then
 *   shows the error of the last. Nothing was written to a socket, or the server says that it could not begin.
 * - `UNKNOWN`: no answer, or one that does not say whether a write took place.
 * - `DUPLICATE`: a unique index has such an entry.
 * - `FULL`: the server has no room.
 * - `REFUSED`: the server, or the driver, says no: a defect of ours or a right that we lack.
 */
export type MongoOutcome = 'UNSENT' | 'UNKNOWN' | 'DUPLICATE' | 'FULL' | 'REFUSED';

// The driver exports neither class of its pool's errors.
const unsentNames = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClearedError', 'MongoPoolClosedError']);
const unsentClasses = [MongoServerSelectionError, MongoTopologyClosedError, MongoNotConnectedError];

export const duplicateKey = 11_000;
const outOfDiskSpace = 14_031;
/**
 * Codes of a server that stops, steps down, starts up or ran out of the time it was given: it answers again, but what
 * came of a write is open. Most bring the label of a retryable write; not from a standalone server, and not for reads.
 * Of reads alone: a cursor or a plan that ended with the primary that had it (43, 175, 237).
 */
const passingCodes = new Set([
  6, 7, 43, 50, 64, 89, 91, 134, 175, 189, 237, 262, 9_001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436,
]);
/**
 * Nothing is left of what it began, if it began: of a server with too much to do (a lock, a conflict of writes, a full cache,
 * a limit), and of one that does not let a new connection log in.
 */
const undoneCodes = new Set([18, 24, 46, 112, 365, 462, 8_000]);
/** A socket that breaks while the driver writes to it shows as Node's own error. */
const socketCodes = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Its caller gave it up before it was sent. */
export class GivenUpError extends Error {
  constructor(cause: unknown) {
    super('given up before it was sent', { cause });
  }
}

/** Undefined for what does not come from the driver. */
export function outcomeOf(error: unknown): MongoOutcome | undefined {
  if (error instanceof GivenUpError) return 'UNSENT';
  if (!(error instanceof MongoError)) return isSocketError(error) ? 'UNKNOWN' : undefined;
  if (unsentNames.has(error.name) || unsentClasses.some((known) => error instanceof known)) return 'UNSENT';
  if (!(error instanceof MongoServerError)) return isOfProgram(error) ? 'REFUSED' : 'UNKNOWN';
  const code = Number(error.code);
  if (code === duplicateKey) return 'DUPLICATE';
  if (code === outOfDiskSpace) return 'FULL';
  // The write is applied on this server; whether a majority will have it, nobody knows.
  if (error instanceof MongoWriteConcernError) return 'UNKNOWN';
  if (undoneCodes.has(code)) return 'UNSENT';
  // The error of a bulk write hides the class and the code of what ended it.
  if (passingCodes.has(code) || error.code === undefined) return 'UNKNOWN';
  return error.hasErrorLabel('RetryableWriteError') ? 'UNKNOWN' : 'REFUSED';
}

function isSocketError(error: unknown): boolean {
  return error instanceof Error && socketCodes.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Wrong arguments and the like: nothing that a healthy server would mend. */
function isOfProgram({ name }: MongoError): boolean {
  return [
    'MongoInvalidArgumentError',
    'MongoParseError',
    'MongoCompatibilityError',
    'MongoAPIError',
  ].includes(name);
}

/** What the failure of a command means to the caller of a port. */
import { failure } from '@connections/runtime/errors';
import { ClientClosedError, ClientOfflineError, ErrorReply } from 'redis';

/** The command never left this process. */
export class NotSentError extends Error {
  /** Of many causes one: the log shows no list. */
  constructor(cause: unknown) {
    super('the command was not sent', { cause: cause instanceof AggregateError ? cause.errors[0] : cause });
  }
}

/** `changes`: the command writes, so that without an answer nobody knows whether it has. */
export interface CommandKind {
  readonly changes: boolean;
}

/** Replies by which a server says that it cannot take the command now, or not from us. */
const unreachableCodes = new Set([
  'LOADING',
  'MASTERDOWN',
  'READONLY',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'BUSY',
  'MISCONF',
  'NOREPLICAS',
  'NOAUTH',
  'WRONGPASS',
  'NOPERM',
  'MOVED',
  'ASK',
]);

/** Without a code of its own: a script met a key that is on its way to another node, or a right that its user lacks. */
const scriptRefusal = /attempted to access a non local key|user executing the script can't/;

/** `store`: its name in messages. */
export function callFailure(error: unknown, { changes }: CommandKind, store: string): Error {
  if (error instanceof ErrorReply) return replyFailure(error, store);
  if (changes && !wasNeverSent(error)) return failure('OUTCOME_UNKNOWN', { store }, { cause: error });
  return failure('STORE_UNREACHABLE', { store }, { cause: error });
}

/**
 * The first word of an error reply: `NOSCRIPT`, `MOVED`; undefined for what is no reply. Of a command inside a script
 * servers before 7.0 tell it after where in the script it was.
 */
export function replyCode(error: unknown): string | undefined {
  return error instanceof ErrorReply ? codeForm.exec(error.message)?.[1] : undefined;
}

/** Redis before 7 wraps what a command of a script is refused with, its dash included. */
const codeForm = /^(?:ERR Error running script .*@user_script: ?\d+: -?)?([A-Z]+)/;

function replyFailure(error: ErrorReply, store: string): Error {
  const code = replyCode(error) ?? '';
  if (code === 'OOM') return failure('STORE_FULL', { limit: 'maxmemory' }, { cause: error });
  if (unreachableCodes.has(code) || scriptRefusal.test(error.message)) {
    return failure('STORE_UNREACHABLE', { store }, { cause: error });
  }
  return failure('INTERNAL', {}, { cause: error });
}

function wasNeverSent(error: unknown): boolean {
  return (
    error instanceof NotSentError || error instanceof ClientOfflineError || error instanceof ClientClosedError
  );
}

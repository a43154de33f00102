/** What the failures of a broker and of its connections mean. */
import { type AmqpConnection, type AmqpLink, NotSentError, notFound, replyCode } from '@connections/amqp';
import { failure } from '@connections/runtime/errors';

/** There is no such queue or exchange; one whose node is still starting is said not to be there, too. */
export function isMissing(error: unknown): boolean {
  if (error instanceof NotSentError) return error.why === 'no-exchange';
  return replyCode(error) === notFound && !/down or inaccessible/.test((error as Error).message);
}

export function unreachable(cause: unknown): Error {
  return failure('STORE_UNREACHABLE', { store: 'broker' }, { cause });
}

/** Throws at once while there is none. */
export function connectionOf({ connection, trouble }: AmqpLink): AmqpConnection {
  if (!connection) throw unreachable(trouble);
  return connection;
}

export function closed(): Error {
  return failure('CLOSED', { resource: 'broker' });
}

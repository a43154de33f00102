/**
 * Every reason a call can fail for, as data: reason -> status, message template, what the caller or operator can do.
 * `{name}` in a template is filled from the parameters, which also travel as the metadata of the ErrorInfo detail.
 */
import type { FailureStatus } from '@connections/grpc/status';

interface Entry {
  readonly status: FailureStatus;
  readonly message: string;
  readonly advice: string;
  /** Milliseconds for the RetryInfo detail, where a retry helps. */
  readonly retryMs?: number;
}

export const catalogue = {
  INVALID_REQUEST: {
    status: 'INVALID_ARGUMENT',
    message: '{problem}',
    advice: 'Correct the fields named in the BadRequest detail.',
  },
  MALFORMED_MESSAGE: {
    status: 'INVALID_ARGUMENT',
    message: 'the request is not a valid message of {method}',
    advice: 'Use stubs generated from our .proto files; text fields must be UTF-8.',
  },
  PAGE_TOKEN_INVALID: {
    status: 'INVALID_ARGUMENT',
    message: 'the page token does not belong to this request',
    advice: 'Send the token of the previous page with the same filters, or start without one.',
  },
  VALUE_NOT_TEXT: {
    status: 'FAILED_PRECONDITION',
    message: 'the value under this key is not UTF-8 text',
    advice: 'Read it through connections.cache.v1, whose values are bytes.',
  },
  TASK_NOT_FOUND: {
    status: 'NOT_FOUND',
    message: 'there is no task {category}/{id}',
    advice: 'Create the task first; an unknown task is never reported as pending.',
  },
  TASK_EXISTS: {
    status: 'ALREADY_EXISTS',
    message: 'there is a task {category}/{id} already',
    advice: 'Patch it, or put it to replace its whole state.',
  },
  TASK_REVISION_CONFLICT: {
    status: 'ABORTED',
    message: 'task {category}/{id} is at revision {actual}, not {expected}',
    advice: 'Read the task again and repeat the patch on what you find.',
  },
  TASK_NOT_AS_NEW: {
    status: 'ABORTED',
    message: 'no store has task {category}/{id} as new as the token asks',
    advice:
      'Read again without the token: the write it came from is in conflict, or very many came after it.',
  },
  CONFLICT_NOT_FOUND: {
    status: 'NOT_FOUND',
    message: 'there is no conflict {id}',
    advice: 'List the conflicts: it was replayed or dropped.',
  },
  CONFLICTS_UNSUPPORTED: {
    status: 'UNIMPLEMENTED',
    message: 'tasks are in one store here, which has no conflicts',
    advice: 'Nothing is to be done: only writes that were buffered for a second store can be in conflict.',
  },
  LEGACY_IMPORT_UNSUPPORTED: {
    status: 'UNIMPLEMENTED',
    message: 'tasks are in one store here, which has no Redis to import tasks from',
    advice:
      'Let the service have tasks on MongoDB, and the Redis with the old ones as their view: DATABASE_TASKS_VIEW_URL.',
  },
  LEGACY_SCAN_LOST: {
    status: 'ABORTED',
    message: 'Redis has restarted, or other servers have taken over, since this import began',
    advice: 'Begin the import anew: what was imported stays, and is known then.',
  },
  SCHEMA_NOT_FOUND: {
    status: 'NOT_FOUND',
    message: 'there is no schema {name}',
    advice: 'Register it first.',
  },
  SCHEMA_VERSION_NOT_FOUND: {
    status: 'NOT_FOUND',
    message: 'schema {name} has no such version',
    advice: 'List its versions.',
  },
  TOO_MANY_SCHEMA_VERSIONS: {
    status: 'RESOURCE_EXHAUSTED',
    message: 'schema {name} has {limit} versions, the most that are kept',
    advice: 'Delete versions, or register under another name.',
  },
  QUEUE_NOT_FOUND: {
    status: 'NOT_FOUND',
    message: 'there is no queue {queue}',
    advice: 'Declare it with DeclareTopology, or correct the name.',
  },
  EXCHANGE_NOT_FOUND: {
    status: 'NOT_FOUND',
    message: 'there is no exchange {exchange}',
    advice: 'Declare it with DeclareTopology, or correct the name.',
  },
  TOPOLOGY_CONFLICT: {
    status: 'FAILED_PRECONDITION',
    message: '{kind} {name} is declared with other properties',
    advice: 'Declare it as it is, or under another name.',
  },
  NO_BROKER: {
    status: 'FAILED_PRECONDITION',
    message: 'the embedded broker has no AMQP address to hand out',
    advice: 'Publish through connections.messaging.v1, or run the Messaging service on RabbitMQ.',
  },
  CREDENTIALS_NEED_TLS: {
    status: 'PERMISSION_DENIED',
    message: 'the credentials of the broker are given over TLS and to callers on this machine alone',
    advice:
      'Publish through connections.messaging.v1, or set MESSAGING_EXPOSE_CREDENTIALS=always where the network is trusted.',
  },
  CREDENTIALS_WITHHELD: {
    status: 'PERMISSION_DENIED',
    message: 'the credentials of the broker are not handed out',
    advice: 'Publish through connections.messaging.v1, or change MESSAGING_EXPOSE_CREDENTIALS.',
  },
  BROKER_BLOCKED: {
    status: 'RESOURCE_EXHAUSTED',
    message: 'the broker takes no messages: {why}',
    advice: 'The broker is short of memory or disk; its operator frees some. Publish again later.',
    retryMs: 10_000,
  },
  TOO_MUCH_UNCONFIRMED: {
    status: 'RESOURCE_EXHAUSTED',
    message: 'the broker has not confirmed {limit} yet, the most that is waited for',
    advice: 'Publish more slowly; repeat after the delay of the RetryInfo detail.',
    retryMs: 200,
  },
  SLOW_CONSUMER: {
    status: 'RESOURCE_EXHAUSTED',
    message: 'the stream did not move for {seconds} s while others waited for memory',
    advice: 'Read faster or ask for less credit; open the stream again.',
    retryMs: 1_000,
  },
  STORE_FULL: {
    status: 'RESOURCE_EXHAUSTED',
    message: 'the store has reached its limit of {limit}',
    advice: 'Remove data or raise the limit.',
    retryMs: 10_000,
  },
  TOO_MANY_CALLS: {
    status: 'RESOURCE_EXHAUSTED',
    message: 'the service has {limit} calls in progress, the most it takes',
    advice: 'Repeat after the delay of the RetryInfo detail.',
    retryMs: 200,
  },
  TOO_MANY_STREAMS: {
    status: 'RESOURCE_EXHAUSTED',
    message: 'the service has {limit} streams open, the most it takes',
    advice: 'Close streams that are no longer needed.',
    retryMs: 1_000,
  },
  STORE_UNREACHABLE: {
    status: 'UNAVAILABLE',
    message: 'the {store} store cannot be reached',
    advice: 'Repeat after the delay of the RetryInfo detail; /readyz and the log have the reason.',
    retryMs: 1_000,
  },
  STORE_TIMEOUT: {
    status: 'UNAVAILABLE',
    message: 'the {store} store did not answer within {ms} ms',
    advice:
      'Repeat after the delay of the RetryInfo detail; a write may have happened, so with the same request id.',
    retryMs: 1_000,
  },
  OUTCOME_UNKNOWN: {
    status: 'UNAVAILABLE',
    message:
      'the {store} store was lost before it answered: the write may have happened; repeat it with the same request id',
    advice:
      'Repeat with the same request id, which has no second effect; without one, read what is there first.',
    retryMs: 1_000,
  },
  SHUTTING_DOWN: {
    status: 'UNAVAILABLE',
    message: 'the service is stopping',
    advice: 'Connect to another replica, or wait for this one to come back.',
    retryMs: 1_000,
  },
  SERVICE_UNKNOWN: {
    status: 'NOT_FOUND',
    message: 'there is no service {service} here',
    advice: 'Ask for the full name of a gRPC service, or for the empty name, which is the whole server.',
  },
  CLOSED: {
    status: 'FAILED_PRECONDITION',
    message: 'the {resource} is closed',
    advice: 'This is used after it was closed: a defect of the service.',
  },
  PERMISSION_DENIED: {
    status: 'PERMISSION_DENIED',
    message: '{principal} may not call {method}',
    advice: 'Ask for the scope that the rpc needs.',
  },
  INTERNAL: {
    status: 'INTERNAL',
    message: 'the service failed; its log has the cause',
    advice: 'Look for the error in the log of the service at the time of the call.',
  },
} as const satisfies Record<string, Entry>;

export type Reason = keyof typeof catalogue;
export const reasons: Readonly<Record<Reason, Entry>> = catalogue;

/** Calls on tasks of one of our processes, each as the record that the checker reads. */
import { isStatusError } from '@connections/grpc';
import type { DatabaseClient } from '@connections/proto-utils';
import { Durability, Source, type Task } from '@connections/proto-utils/v1/tasks';
import type { ReadCall, Shape, WriteCall } from '../check/history.ts';
import { type ReadToken, readTokenOf } from '../check/read-token.ts';
import { taskKey } from '../world/stored-tasks.ts';

export const category = 'dual-faults';

export interface TaskName {
  readonly namespace: string;
  readonly id: string;
}

export type AskedCall = Pick<WriteCall, 'request' | 'operation' | 'status' | 'plain' | 'allowsBuffer'>;

/** A record with the token as the caller needs it. */
export type Answered<Call> = Call & { readonly text: string | undefined };

/** One process, as one caller asks it. */
export interface Asking {
  readonly client: DatabaseClient;
  readonly replica: number;
  readonly timeoutMs: number;
}

/** They did not happen. */
const refusals = new Set(['STORE_UNREACHABLE', 'SHUTTING_DOWN', 'STORE_FULL', 'TASK_NOT_FOUND']);
/** Of the transport, when nobody answers. */
const silence = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

export async function recordedWrite(
  asking: Asking,
  task: TaskName,
  asked: AskedCall,
): Promise<Answered<WriteCall>> {
  const begun = {
    kind: 'write',
    task: taskKey(task.namespace, task.id),
    replica: asking.replica,
    ...asked,
  } as const;
  const invoked = performance.now();
  try {
    const reply = await send(asking, task, asked);
    const { durability, token: text, task: written } = reply;
    const shown = written && shapeOf(written);
    const outcome = durability === Durability.DURABILITY_BUFFERED ? 'BUFFERED' : 'DURABLE';
    const returned = performance.now();
    return { ...begun, invoked, returned, outcome, open: false, token: readTokenOf(text), text, shown };
  } catch (error) {
    return { ...begun, invoked, returned: performance.now(), ...failedWrite(error), text: undefined };
  }
}

export async function recordedRead(
  { client, replica, timeoutMs }: Asking,
  { namespace, id }: TaskName,
  { strong, token }: { readonly strong: boolean; readonly token: string | undefined },
): Promise<Answered<ReadCall>> {
  const given: ReadToken | undefined = token === undefined ? undefined : readTokenOf(token);
  const begun = { kind: 'read', task: taskKey(namespace, id), replica, strong, given } as const;
  const invoked = performance.now();
  try {
    const request = { namespace, category, id, strong, token: token ?? '' };
    const reply = await client.tasks.get(request, { timeoutMs });
    const shown = reply.task && shapeOf(reply.task);
    const source = sources.get(reply.source);
    const { token: text } = reply;
    const returned = performance.now();
    return { ...begun, invoked, returned, outcome: 'FOUND', token: readTokenOf(text), text, shown, source };
  } catch (error) {
    return { ...begun, invoked, returned: performance.now(), ...failedRead(error), text: undefined };
  }
}

const sources: ReadonlyMap<Source, ReadCall['source']> = new Map([
  [Source.SOURCE_AUTHORITY, 'AUTHORITY'],
  [Source.SOURCE_VIEW, 'VIEW'],
  [Source.SOURCE_VIEW_UNCONFIRMED, 'VIEW_UNCONFIRMED'],
] as const);

interface Written {
  readonly durability: Durability;
  readonly token: string;
  readonly task?: Task | undefined;
}

function send(
  { client, timeoutMs }: Asking,
  { namespace, id }: TaskName,
  asked: AskedCall,
): Promise<Written> {
  const { request: requestId, operation, status, plain, allowsBuffer: allowBuffered } = asked;
  const common = { namespace, category, id, requestId, allowBuffered };
  if (operation === 'remove') return client.tasks.remove(common, { timeoutMs });
  const data = new Map(plain ? [] : [[requestId, '']]);
  if (operation === 'patch') return client.tasks.patch({ ...common, status, data }, { timeoutMs });
  return client.tasks.put({ ...common, state: { status, data } }, { timeoutMs });
}

function failedWrite(error: unknown): Pick<WriteCall, 'outcome' | 'reason' | 'open'> {
  const { status, reason, said } = saidBy(error);
  if (reason !== undefined && refusals.has(reason)) return { outcome: 'REFUSED', reason, open: false };
  if (reason === 'OUTCOME_UNKNOWN') return { outcome: 'UNKNOWN', reason, open: false };
  const isSilence = reason === 'STORE_TIMEOUT' || (reason === undefined && silence.has(status));
  return isSilence
    ? { outcome: 'UNKNOWN', reason, open: true }
    : { outcome: 'UNEXPECTED', reason: said, open: true };
}

function failedRead(error: unknown): Pick<ReadCall, 'outcome' | 'reason'> {
  const { status, reason, said } = saidBy(error);
  if (reason === 'TASK_NOT_FOUND') return { outcome: 'NONE', reason };
  if (reason === 'TASK_NOT_AS_NEW') return { outcome: 'NOT_AS_NEW', reason };
  const isAway = reason === undefined ? silence.has(status) : status === 'UNAVAILABLE';
  return isAway ? { outcome: 'UNAVAILABLE', reason } : { outcome: 'UNEXPECTED', reason: said };
}

function saidBy(error: unknown) {
  if (!isStatusError(error)) return { status: '', reason: undefined, said: String(error) };
  const { status, reason, message } = error;
  return { status, reason, said: `${status} ${reason} ${message}` };
}

function shapeOf({ status, data, revision }: Task): Shape {
  return { status, keys: [...data.keys()], revision: Number(revision) };
}

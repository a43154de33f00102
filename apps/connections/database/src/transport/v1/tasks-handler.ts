/** connections.tasks.v1 over the tasks service. */
import type { Call, Handlers } from '@connections/grpc';
import type { taskService } from '@connections/proto-utils';
import {
  Durability as DurabilityMessage,
  type PatchRequest,
  Source as SourceMessage,
  type State,
} from '@connections/proto-utils/v1/tasks';
import type { Durability, Source, Task, TaskPatch, TaskState, WriteOptions } from '../../port/tasks.ts';
import type { TasksService } from '../../service/tasks-service.ts';
import type { ConflictMethod } from './conflicts-handler.ts';
import type { LegacyMethod } from './legacy-handler.ts';
import { optional } from './optional.ts';
import { taskMessage } from './task-message.ts';

const durabilities = {
  DURABLE: DurabilityMessage.DURABILITY_DURABLE,
  BUFFERED: DurabilityMessage.DURABILITY_BUFFERED,
} as const satisfies Record<Durability, DurabilityMessage>;

const sources = {
  AUTHORITY: SourceMessage.SOURCE_AUTHORITY,
  VIEW: SourceMessage.SOURCE_VIEW,
  VIEW_UNCONFIRMED: SourceMessage.SOURCE_VIEW_UNCONFIRMED,
} as const satisfies Record<Source, SourceMessage>;

export function createTasksHandler(
  tasks: TasksService,
): Omit<Handlers<typeof taskService>, ConflictMethod | LegacyMethod> {
  const message = (task: Task) => taskMessage(task, tasks.statusTtlSeconds(task.status));

  return {
    async create(request, call) {
      const written = await tasks.create(
        request,
        toState(request.state),
        toWrite(request, call),
        call.ending,
      );
      const { task, durability, token } = written;
      return { task: message(task), durability: durabilities[durability], token };
    },

    async put(request, call) {
      const written = await tasks.put(request, toState(request.state), toWrite(request, call), call.ending);
      const { task, durability, token, created } = written;
      return { task: message(task), durability: durabilities[durability], token, created };
    },

    async get({ token, strong, ...ref }, { ending }) {
      const read = await tasks.get(ref, { token: optional(token), strong }, ending);
      return { task: message(read.task), source: sources[read.source], token: read.token };
    },

    async patch(request, call) {
      const { expectedRevision: revision } = request;
      const expectedRevision = revision === undefined ? undefined : Number(revision);
      const options = { ...toWrite(request, call), expectedRevision };
      const { task, durability, token } = await tasks.patch(request, toPatch(request), options, call.ending);
      return { task: message(task), durability: durabilities[durability], token };
    },

    async list(request, { ending }) {
      const { source, partial, nextPageToken, ...found } = await tasks.list(request, ending);
      return { tasks: found.tasks.map(message), nextPageToken, source: sources[source], partial };
    },

    async listTransitions(ref, { ending }) {
      const { transitions, source } = await tasks.transitions(ref, ending);
      return {
        transitions: transitions.map(({ revision, at, ...made }) => ({
          ...made,
          revision: BigInt(revision),
          time: new Date(at),
        })),
        source: sources[source],
      };
    },

    async remove(request, call) {
      const { durability, token } = await tasks.remove(request, toWrite(request, call), call.ending);
      return { durability: durabilities[durability], token };
    },
  };
}

function toWrite(
  { requestId, allowBuffered }: { readonly requestId: string; readonly allowBuffered: boolean },
  { principal }: Call,
): WriteOptions {
  return { requestId: optional(requestId), principal: principal.name, allowBuffered };
}

/** A state that is not given is one without a status, which the service refuses. */
function toState(state: State | undefined): TaskState {
  return state ?? { status: '', code: 0, message: '', data: new Map() };
}

function toPatch({ status, code, message, ...request }: PatchRequest): TaskPatch {
  const { data: set, removeData: remove, replaceData: replace } = request;
  const changesData = replace || remove.length > 0 || set.size > 0;
  return {
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
    ...(changesData && { data: { replace, remove, set } }),
  };
}

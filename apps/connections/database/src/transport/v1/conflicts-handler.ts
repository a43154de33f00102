/** The rpcs on conflicts of connections.tasks.v1. */
import type { Handlers } from '@connections/grpc';
import type { taskService } from '@connections/proto-utils';
import {
  type Conflict as ConflictMessage,
  ConflictReason as ConflictReasonMessage,
  type ConflictWrite,
  type PatchWrite,
  type TaskStamp as TaskStampMessage,
} from '@connections/proto-utils/v1/tasks';
import type { Conflict, ConflictReason } from '../../port/task-conflicts.ts';
import type { BufferedOperation, TaskOperation, TaskStamp } from '../../port/task-operation.ts';
import type { TaskPatch } from '../../port/tasks.ts';
import type { ConflictsService } from '../../service/conflicts-service.ts';
import type { TasksService } from '../../service/tasks-service.ts';
import { taskMessage } from './task-message.ts';

export type ConflictMethod = 'listConflicts' | 'getConflict' | 'replayConflict' | 'dropConflict';

const reasons = {
  OVERTAKEN: ConflictReasonMessage.CONFLICT_REASON_OVERTAKEN,
  REMOVED: ConflictReasonMessage.CONFLICT_REASON_REMOVED,
  BLIND: ConflictReasonMessage.CONFLICT_REASON_BLIND,
  OLD: ConflictReasonMessage.CONFLICT_REASON_OLD,
  UNFIT: ConflictReasonMessage.CONFLICT_REASON_UNFIT,
} as const satisfies Record<ConflictReason, ConflictReasonMessage>;

export function createConflictsHandler(
  conflicts: ConflictsService,
  tasks: Pick<TasksService, 'statusTtlSeconds'>,
): Pick<Handlers<typeof taskService>, ConflictMethod> {
  return {
    async listConflicts(request, { ending }) {
      const { nextPageToken, ...found } = await conflicts.list(request, ending);
      return { conflicts: found.conflicts.map(conflictMessage), nextPageToken };
    },

    async getConflict({ id, skipWrites }, { ending }) {
      const { conflict, operations } = await conflicts.get(id, skipWrites, ending);
      const { shown } = conflict;
      return {
        conflict: conflictMessage(conflict),
        shown: shown && taskMessage(shown, tasks.statusTtlSeconds(shown.status)),
        writes: operations.map(writeMessage),
        writesLeft: Math.max(0, conflict.operations.length - skipWrites - operations.length),
      };
    },

    async replayConflict({ id }, { ending }) {
      return { writeCount: await conflicts.replay(id, ending) };
    },

    async dropConflict({ id }, { ending }) {
      await conflicts.drop(id, ending);
      return {};
    },
  };
}

function conflictMessage({ id, ref, reason, at, base, standing, operations }: Conflict): ConflictMessage {
  return {
    id,
    namespace: ref.namespace,
    category: ref.category,
    taskId: ref.id,
    reason: reasons[reason],
    time: new Date(at),
    base: base && stampMessage(base),
    standing: standing && stampMessage(standing),
    writeCount: operations.length,
  };
}

function stampMessage({ incarnation, revision }: TaskStamp): TaskStampMessage {
  return { incarnation, revision: BigInt(revision) };
}

function writeMessage({ at, operation }: BufferedOperation): ConflictWrite {
  const { requestId, principal } = operation;
  return { time: new Date(at), requestId, principal, write: oneWrite(operation) };
}

function oneWrite(operation: TaskOperation): ConflictWrite['write'] {
  if (operation.kind === 'remove') return { $case: 'remove', value: {} };
  if (operation.kind === 'patch') return { $case: 'patch', value: patchWrite(operation) };
  const { state, ifAbsent } = operation;
  return { $case: 'put', value: { state: { ...state, data: new Map(state.data) }, ifAbsent } };
}

function patchWrite({
  patch: { status, code, message, data },
  expectedRevision,
}: {
  readonly patch: TaskPatch;
  readonly expectedRevision: number | undefined;
}): PatchWrite {
  return {
    status,
    code,
    message,
    data: new Map(data?.set),
    removeData: [...(data?.remove ?? [])],
    replaceData: data?.replace ?? false,
    expectedRevision: expectedRevision === undefined ? undefined : BigInt(expectedRevision),
  };
}

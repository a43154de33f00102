/** The wire contract's task calls. */
import type { Call } from '@connections/grpc';
import { ApiResponse } from '@connections/proto-utils/wire/utils';
import { limits } from '@connections/runtime';
import { invalidField } from '@connections/runtime/errors';
import type { Task } from '../../port/tasks.ts';
import type { TasksService } from '../../service/tasks-service.ts';
import { inBand } from './in-band.ts';
import { taskUpdate } from './task-update.ts';
import { type TaskHandlers, wireNamespace } from './wire-part.ts';

export function createTaskHandler(tasks: TasksService): TaskHandlers {
  return {
    updateTaskId: (request, call) =>
      written(call, 'updated', () =>
        tasks.patch(
          reference(request),
          taskUpdate(request),
          { ...writeOptions(call), expectedRevision: undefined },
          call.ending,
        ),
      ),

    setTaskId: (request, call) =>
      written(call, 'set', async () => {
        if (!request.value) throw invalidField('value', 'must be given');
        return tasks.put(reference(request), request.value, writeOptions(call), call.ending);
      }),

    removeTaskId: (request, call) =>
      written(call, 'removed', () => tasks.remove(reference(request), writeOptions(call), call.ending)),

    async getTaskId(request, call) {
      // An empty one is what a client has that copies the trailer of a reply without.
      const options = { token: call.metadata.text('x-token') || undefined, strong: false };
      const { task, source, token } = await tasks.find(reference(request), options, call.ending);
      call.trailers.set('x-source', source);
      call.trailers.set('x-token', token);
      return task ? { found: true, value: shown(task) } : { found: false };
    },

    async getTasksByImportName({ task: category, importName }, call) {
      const bytesOf = (found: Task) => ApiResponse.encode(shown(found)).finish().length;
      const bounds = { maxBytes: limits.pageBytes, bytesOf };
      const list = await tasks.ofImportName(wireNamespace, category, importName, bounds, call.ending);
      call.trailers.set('x-source', list.source);
      if (list.partial) call.trailers.set('x-partial', '1');
      if (list.truncated) call.trailers.set('x-truncated', '1');
      return { tasks: list.tasks.map(shown) };
    },
  };
}

interface Written {
  readonly durability: string;
  readonly token: string;
}

function written(call: Call, done: string, write: () => Promise<Written>) {
  const answer = async () => {
    const { durability, token } = await write();
    call.trailers.set('x-durability', durability);
    call.trailers.set('x-token', token);
    return { success: true, message: `the task is ${done}` };
  };
  return inBand(call, answer, (message) => ({ success: false, message }));
}

function reference({ task: category, taskId: id }: { readonly task: string; readonly taskId: string }) {
  return { namespace: wireNamespace, category, id };
}

/** The clients can tell no buffered write from a durable one but by the trailer, and have always accepted both. */
function writeOptions(call: Call) {
  return { requestId: undefined, principal: call.principal.name, allowBuffered: true };
}

function shown({ status, code, message, data }: Task): ApiResponse {
  return { status, code, message, data: new Map(data) };
}

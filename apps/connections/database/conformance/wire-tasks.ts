/** The task port as clients of v1 have it, so that its clauses run through the wire. */

import { type Channel, createClient } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import {
  Durability as DurabilityNumber,
  type Task as Message,
  Source as SourceNumber,
} from '@connections/proto-utils/v1/tasks';
import { abortSignalOf } from '@connections/runtime';
import type { Durability, Source, Task, TaskCapabilities, Tasks, WriteOptions } from '../src/port/tasks.ts';
import { given, ifFound } from './wire-replies.ts';

const durabilities = new Map<DurabilityNumber, Durability>([
  [DurabilityNumber.DURABILITY_DURABLE, 'DURABLE'],
  [DurabilityNumber.DURABILITY_BUFFERED, 'BUFFERED'],
]);

const sources = new Map<SourceNumber, Source>([
  [SourceNumber.SOURCE_AUTHORITY, 'AUTHORITY'],
  [SourceNumber.SOURCE_VIEW, 'VIEW'],
  [SourceNumber.SOURCE_VIEW_UNCONFIRMED, 'VIEW_UNCONFIRMED'],
]);

export function wireTasks(channel: Channel, capabilities: TaskCapabilities): Tasks {
  const client = createClient(taskService, channel);
  return {
    capabilities,
    async put(ref, state, options, signal) {
      const request = { ...ref, state: { ...state, data: new Map(state.data) }, ...stamp(options) };
      if (!options.ifAbsent) {
        const reply = await client.put(request, { signal: abortSignalOf(signal) });
        return { ...written(reply), created: reply.created };
      }
      return { ...written(await client.create(request, { signal: abortSignalOf(signal) })), created: true };
    },
    async patch(ref, { status, code, message, data }, options, signal) {
      const { expectedRevision } = options;
      const request = {
        ...ref,
        status,
        code,
        message,
        data: new Map(data?.set),
        removeData: data?.remove ?? [],
        replaceData: data?.replace ?? false,
        expectedRevision: expectedRevision === undefined ? undefined : BigInt(expectedRevision),
        ...stamp(options),
      };
      return { ...written(await client.patch(request, { signal: abortSignalOf(signal) })), created: false };
    },
    async remove(ref, options, signal) {
      const reply = await ifFound(
        client.remove({ ...ref, ...stamp(options) }, { signal: abortSignalOf(signal) }),
      );
      if (!reply) return { removed: false, durability: 'DURABLE', token: '' };
      return { removed: true, durability: durabilityOf(reply), token: reply.token };
    },
    async get(ref, { token = '', strong }, signal) {
      const reply = await ifFound(client.get({ ...ref, token, strong }, { signal: abortSignalOf(signal) }));
      if (!reply) return { task: undefined, source: 'AUTHORITY', token: '' };
      return { task: toTask(reply.task), source: sourceOf(reply), token: reply.token };
    },
    async list({ namespace, category, importName, status }, { after, limit }, signal) {
      const request = { namespace, category, importName, status, pageSize: limit, pageToken: after };
      const reply = await client.list(request, { signal: abortSignalOf(signal) });
      return {
        tasks: reply.tasks.map(toTask),
        next: reply.nextPageToken || undefined,
        source: sourceOf(reply),
        partial: reply.partial,
      };
    },
    async transitions(ref, signal) {
      const reply = await ifFound(client.listTransitions(ref, { signal: abortSignalOf(signal) }));
      if (!reply) return undefined;
      const transitions = reply.transitions.map(({ revision, time, status, code, message, principal }) => {
        const at = given(time, 'time').getTime();
        return { revision: Number(revision), at, status, code, message, principal };
      });
      return { transitions, source: sourceOf(reply) };
    },
    async ping(signal) {
      await client.list({ pageSize: 1 }, { signal: abortSignalOf(signal) });
    },
    [Symbol.asyncDispose]: async () => channel.close(),
  };
}

function stamp({ requestId = '', allowBuffered }: WriteOptions) {
  return { requestId, allowBuffered };
}

function written(reply: { task?: Message | undefined; durability: DurabilityNumber; token: string }) {
  return { task: toTask(reply.task), durability: durabilityOf(reply), token: reply.token };
}

/** v1 shows neither the fields that the wire contract keeps nor the identity of a task's life. */
function toTask(message: Message | undefined): Task {
  const { revision, createTime, updateTime, statusTtl: _, ...task } = given(message, 'task');
  return {
    ...task,
    revision: Number(revision),
    createdAt: given(createTime, 'create_time').getTime(),
    updatedAt: given(updateTime, 'update_time').getTime(),
    fields: new Map(),
    incarnation: '',
  };
}

function durabilityOf(reply: { durability: DurabilityNumber }): Durability {
  return given(durabilities.get(reply.durability), 'durability');
}

function sourceOf(reply: { source: SourceNumber }): Source {
  return given(sources.get(reply.source), 'source');
}

/** A task port with a feed that its own writes are noted for: what the saboteurs of the feed are made of. */
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenPort } from '@connections/testing';
import type { FollowedTasks } from '../conformance/feed-acts.ts';
import type { TaskChange, TaskFeed } from '../src/port/task-feed.ts';
import type { Tasks } from '../src/port/tasks.ts';
import { openEmbedded } from './embedded-ports.ts';

const pollMs = 10;
const tokens = /^noted:(\d+)$/;

/** Its notes outlive a reopening, and not the process. */
export const openNotedTasks: OpenPort<FollowedTasks> = async () => {
  const notes: TaskChange[] = [];
  const opened = await openEmbedded('tasks')();
  return {
    ...opened,
    port: noted(opened.port, notes),
    reopen: async () => noted(await opened.reopen(), notes),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
};

function noted(tasks: Tasks, notes: TaskChange[]): FollowedTasks {
  const writing: Tasks = {
    capabilities: tasks.capabilities,
    async put(ref, ...rest) {
      const written = await tasks.put(ref, ...rest);
      notes.push({ ref, incarnation: written.task.incarnation, task: written.task, foreign: false });
      return written;
    },
    async patch(ref, ...rest) {
      const written = await tasks.patch(ref, ...rest);
      notes.push({ ref, incarnation: written.task.incarnation, task: written.task, foreign: false });
      return written;
    },
    async remove(ref, options, signal) {
      const { task } = await tasks.get(ref, { token: undefined, strong: true }, signal);
      const removed = await tasks.remove(ref, options, signal);
      notes.push({ ref, incarnation: task?.incarnation ?? '', task: undefined, foreign: false });
      return removed;
    },
    get: (...call) => tasks.get(...call),
    list: (...call) => tasks.list(...call),
    transitions: (...call) => tasks.transitions(...call),
    ping: (signal) => tasks.ping(signal),
    [Symbol.asyncDispose]: () => tasks[Symbol.asyncDispose](),
  };
  return { capabilities: tasks.capabilities, tasks: writing, feed: feedOf(notes) };
}

function feedOf(notes: readonly TaskChange[]): TaskFeed {
  return {
    async *open(after, signal) {
      signal.throwIfAborted();
      const [, given] = after === undefined ? ['', String(notes.length)] : (tokens.exec(after) ?? []);
      if (given === undefined) {
        yield { outcome: 'HISTORY_LOST', reason: 'the token is none of ours' };
        return;
      }
      for (let told = Number(given); ; await delay(pollMs)) {
        const changes = notes.slice(told);
        told += changes.length;
        yield { outcome: 'CHANGES', changes, token: `noted:${told}` };
        signal.throwIfAborted();
      }
    },
  };
}

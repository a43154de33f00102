/** Calls on our view of tasks, and the same commands by the vendor's client alone. */
import { randomUUID } from 'node:crypto';
import {
  advancePartition,
  appendArguments,
  appendOperation,
  dropBuffer,
  fillEntry,
  filledLines,
  leaseEntry,
  listEntries,
  namesOf,
  partitionCount,
  partitionKeys,
  readDirty,
  readWholeEntry,
  taskKeys,
  tellEntry,
} from '@connections/database/drivers/view-parts';
import type { SendCommand } from './bare-redis.ts';
import {
  appendOf,
  buffer,
  checkpoint,
  fillOne,
  recordOf,
  type TaskRef,
  type TaskView,
  viewNamespace,
  viewRef,
  viewTtlMs,
} from './filled-view.ts';
import { taskCategory } from './storage-ops.ts';
import type { ViewClient } from './view-ops.ts';

/** Far apart in the order they were made: what is asked for next is not beside what was asked for last. */
const stride = 7_919;
const pageSize = 50;
const pageBytes = 4_194_304;
const namesAtOnce = 200;
const dirtyLimit = 256;
const leaseMs = 10_000;
const { signal } = new AbortController();
const query = { namespace: viewNamespace, category: taskCategory, importName: undefined, status: undefined };
const page = { after: undefined, limit: pageSize, maxBytes: pageBytes };

/** Told of ever greater revisions; what is buffered stays at its first. */
let revision = 1;
const toldRef = (index: number, tasks: number) => viewRef((2 * index * stride) % tasks);
const bufferedRef = (index: number, tasks: number) => viewRef(((2 * index * stride) % tasks) + 1);

export function ourView(view: TaskView, tasks: number): ViewClient {
  return {
    async perform(op, index) {
      switch (op) {
        case 'read':
          return found(await view.read(viewRef((index * stride) % tasks), signal));
        case 'told of a write': {
          const ref = toldRef(index, tasks);
          return view.tell(ref, recordOf(ref, ++revision), viewTtlMs, signal);
        }
        case 'buffered, dropped, filled': {
          const ref = bufferedRef(index, tasks);
          found(await view.readWhole(ref, signal));
          const mark = await buffer(view, ref, 1);
          if (!(await view.drop(ref, mark, signal))) throw new Error('the buffer was not dropped');
          return fillOne(view, ref, 1);
        }
        case 'step of the feed': {
          const ref = bufferedRef(index, tasks);
          const event = { ref, stamp: { incarnation: 'bench', revision: 1 }, foreign: false };
          const step = { from: checkpoint, to: checkpoint, event };
          return isOne(Number(await view.tail.advance(view.tail.partitionOf(ref), step, signal)));
        }
        case 'look at what waits':
          return view.dirty(dirtyLimit, signal);
        case 'page of a list': {
          const { tasks: listed } = await view.list(query, page, signal);
          if (listed.length !== pageSize) throw new Error(`a page has ${listed.length} tasks`);
        }
      }
    },
  };
}

export function bareView(send: SendCommand, tasks: number): ViewClient {
  const servers = { send: (_: string, args: Parameters<SendCommand>[0]) => send(args) };
  const tell = (ref: TaskRef) => {
    const { partition, lease, entry, name } = taskKeys(ref);
    const record = recordOf(ref, ++revision);
    const stamp = [JSON.stringify(record.task.incarnation), `${revision}`];
    const args = [name, ...stamp, filledLines(record), `${viewTtlMs}`];
    return tellEntry.run(servers, [partition.epoch, lease, entry, partition.index], args);
  };
  const bufferAndFill = async (ref: TaskRef) => {
    const { partition, lease, entry, buffer: buffered, name } = taskKeys(ref);
    const { epoch, index, dirty, bytes, checkpoint: at } = partition;
    await readWholeEntry.run(servers, [epoch, entry, buffered], []);
    const append = appendOf(ref, 1);
    const args = ['0', `${Date.now() + leaseMs}`, ...appendArguments(name, append)];
    await appendOperation.run(servers, [epoch, lease, entry, buffered, dirty, bytes, index], args);
    const mark = JSON.stringify(append.operation.mark);
    isOne(await dropBuffer.run(servers, [entry, lease, buffered, dirty, bytes, index], [name, mark]));
    const asked = [randomUUID(), `${leaseMs}`];
    const granted = (await leaseEntry.run(servers, [epoch, at, lease, entry], asked)) as readonly unknown[];
    const lines = filledLines(recordOf(ref, 1));
    const filling = [String(granted[0]), lines, `${viewTtlMs}`, name];
    isOne(await fillEntry.run(servers, [epoch, lease, entry, index], filling));
  };
  const step = (ref: TaskRef) => {
    const { partition, lease, entry, name } = taskKeys(ref);
    const args = [checkpoint, 'unused', '0', '1', checkpoint, name, JSON.stringify('bench'), '1'];
    const keys = [partition.epoch, partition.checkpoint, partition.index, lease, entry] as const;
    return advancePartition.run(servers, keys, args);
  };
  const look = () =>
    Promise.all(
      Array.from({ length: partitionCount }, (_, partition) => {
        const { dirty, bytes } = partitionKeys(partition);
        return readDirty.run(servers, [dirty, bytes], ['16']);
      }),
    );
  const list = async () => {
    let listed = 0;
    for (let partition = 0; listed < pageSize; partition++) {
      const { index, epoch, entryPrefix } = partitionKeys(partition);
      const room = [pageSize - listed, pageBytes, 0, namesAtOnce, pageBytes].map(String);
      const args = [entryPrefix, '', '', namesOf(viewNamespace, taskCategory), '', '', ...room];
      const [, , , entries] = (await listEntries.run(servers, [index, epoch], args)) as [
        unknown,
        unknown,
        unknown,
        readonly unknown[],
      ];
      listed += entries.length / 3;
    }
  };
  return {
    async perform(op, index) {
      switch (op) {
        case 'read': {
          const { entry, partition } = taskKeys(viewRef((index * stride) % tasks));
          return send(['MGET', entry, partition.epoch]);
        }
        case 'told of a write':
          return tell(toldRef(index, tasks));
        case 'buffered, dropped, filled':
          return bufferAndFill(bufferedRef(index, tasks));
        case 'step of the feed':
          return isOne(await step(bufferedRef(index, tasks)));
        case 'look at what waits':
          return look();
        case 'page of a list':
          return list();
      }
    },
  };
}

function found(entry: unknown): void {
  if (entry === undefined) throw new Error('a task of the view is not in it');
}

function isOne(reply: unknown): void {
  if (reply !== 1) throw new Error(`a script answered ${reply}`);
}

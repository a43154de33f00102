/** Rule 4 on Redis: who repairs a partition, and the steps of the repair. */

import { randomBytes } from 'node:crypto';
import type { Ending } from '@connections/runtime';
import type { Checkpoint, FeedEvent } from '../../port/task-ledger.ts';
import type { TailStep, ViewTail } from '../../port/task-view.ts';
import type { TaskRef } from '../../port/tasks.ts';
import type { RedisCalls } from './redis-calls.ts';
import type { Reply } from './redis-connection.ts';
import { partitionCount, partitionKeys, partitionOf, taskKeys } from './view-keys.ts';
import { advancePartition, claimPartition } from './view-tail-scripts.ts';

/** Of every forgetting of a partition another: a counter would come back with an older image, this does not. */
const epochBytes = 6;

export class RedisViewTail implements ViewTail {
  readonly partitions = partitionCount;
  readonly #calls: RedisCalls;

  constructor(calls: RedisCalls) {
    this.#calls = calls;
  }

  partitionOf(ref: TaskRef): number {
    return partitionOf(ref);
  }

  async claim(
    partition: number,
    holder: string,
    forMs: number,
    signal: Ending,
  ): Promise<{ readonly held: boolean; readonly checkpoint: Checkpoint | undefined }> {
    const { epoch, checkpoint, holder: holderKey } = partitionKeys(partition);
    const keys = [epoch, checkpoint, holderKey] as const;
    const reply = await this.#calls.run(claimPartition, keys, [holder, `${forMs}`], signal);
    const [held, at] = reply as [number, Reply];
    return { held: held === 1, checkpoint: at === null ? undefined : String(at) };
  }

  async advance(
    partition: number,
    { from, to, event, forget = false }: TailStep,
    signal: Ending,
  ): Promise<boolean> {
    const { epoch, checkpoint, index } = partitionKeys(partition);
    const args = [
      to,
      randomBytes(epochBytes).toString('base64url'),
      forget ? '1' : '0',
      from === undefined ? '0' : '1',
      from ?? '',
    ];
    const keys = [epoch, checkpoint, index] as const;
    if (!event) return (await this.#calls.run(advancePartition, keys, args, signal)) === 1;
    const { lease, entry, name } = taskKeys(event.ref);
    const itsArgs = [...args, name, ...staying(event)];
    return (await this.#calls.run(advancePartition, [...keys, lease, entry], itsArgs, signal)) === 1;
  }
}

/** The stamp from which on an entry stays: no entry has an empty incarnation. */
function staying({ stamp, foreign }: FeedEvent): [incarnation: string, revision: string] {
  return stamp && !foreign ? [JSON.stringify(stamp.incarnation), `${stamp.revision}`] : ['', '0'];
}

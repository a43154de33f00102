/** The real scripts on a real Redis against the modelled view, command by command: the model of the dual store is of this. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redisCommands, redisMissing, startRedis } from '@connections/testing';
import fc from 'fast-check';
import type { TaskView } from '../src/port/task-view.ts';
import type { TaskRef } from '../src/port/tasks.ts';
import { partitions } from './dual-store/modelled-view.ts';
import { openView, refTo } from './redis-view-acts.ts';
import { anyCommand, type Command, rare } from './redis-view-commands.ts';
import { ViewPair } from './redis-view-pair.ts';

/** Two tasks of each modelled partition that share a real one as well, each in another. */
function fourRefs(view: TaskView): TaskRef[] {
  const all = ['a', 'b'].map((letter) => Array.from({ length: 2_000 }, (_, at) => refTo(`${letter}${at}`)));
  const chosen = all.map((refs, at) => {
    const wanted = 5 + at;
    return refs.filter((ref) => view.tail.partitionOf(ref) === wanted).slice(0, 2);
  });
  return chosen.flat();
}

describe('the view on Redis and the modelled view', { skip: redisMissing({ own: true }) ?? false }, () => {
  it('answer every command of any sequence alike, and show the same after it', async () => {
    await using server = await startRedis({ own: true });
    await using opened = await openView(server);
    const refs = fourRefs(opened.view);
    assert.equal(refs.length, 4);
    const onServer = (...command: string[]) => redisCommands(server.url, command);
    const begun = Array.from({ length: partitions }, (_, partition): Command => {
      return { do: 'step', partition, aim: 'right', forget: 1 };
    });
    const sequence = fc
      .tuple(
        fc.constantFrom(begun, begun, []),
        fc.array(anyCommand, { minLength: 1, maxLength: 60, size: 'max' }),
      )
      .map(([first, rest]) => [...first, ...rest]);
    await fc.assert(
      fc.asyncProperty(sequence, async (commands) => {
        await onServer('FLUSHALL');
        const pair = new ViewPair(opened.view, refs, onServer);
        for (const command of commands) {
          await pair.run(command);
          await pair.compareTasks();
        }
        await pair.compareAll();
      }),
      {
        examples: rare.map((commands) => [commands] as [Command[]]),
        numRuns: 250,
        interruptAfterTimeLimit: 30_000,
      },
    );
  });
});

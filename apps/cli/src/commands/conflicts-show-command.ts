/** `connections conflicts show`: one conflict with every write that it holds. */
import { type CallOptions, type Client, createClient } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import type { Conflict, ConflictWrite, Task, TaskStamp } from '@connections/proto-utils/v1/tasks';
import type { Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import {
  conflictJson,
  missingConflictHint,
  reasonText,
  taskName,
  writeJson,
  writeText,
} from '../conflict-messages.ts';
import { addExamples } from '../examples.ts';
import { printJson } from '../json-output.ts';
import { labelledLines } from '../labelled-lines.ts';
import { hintWhenMissing } from '../name-missing.ts';
import { addDatabaseOptions } from '../read-options.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import { type Column, renderTable } from '../table.ts';
import { taskJson } from '../task-messages.ts';
import type { Terminal } from '../terminal.ts';
import { fullTime } from '../time-text.ts';

interface WholeConflict {
  readonly conflict: Conflict;
  readonly shown: Task | undefined;
  readonly writes: readonly ConflictWrite[];
}

const columns: readonly Column[] = [
  { title: 'TIME' },
  { title: 'WRITE' },
  { title: 'CONTENT' },
  { title: 'BY' },
  { title: 'REQUEST' },
];

export function addConflictsShowCommand(conflicts: Command, terminal: Terminal): void {
  const show = conflicts
    .command('show')
    .summary('show one conflict and its writes')
    .description('Shows one conflict and the writes that it holds, the oldest first; whole with --json.')
    .argument('<conflict>', 'its id, as `connections conflicts list` has it');
  addDatabaseOptions(show);
  addExamples(show, 'connections conflicts show 0f9c2b1e', 'connections conflicts show 0f9c2b1e --json');
  show.action((id: string, options: CommonOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(taskService, channel);
      const asked = wholeConflict(client, id, callOptions(options, terminal));
      const found = await hintWhenMissing(asked, missingConflictHint);
      if (!options.json) return terminal.print(conflictText(found, terminal));
      const { conflict, shown, writes } = found;
      printJson(terminal, {
        conflict: conflictJson(conflict),
        shown: shown && taskJson(shown),
        writes: writes.map(writeJson),
      });
    }),
  );
}

/** A reply has as many writes as have room in it. */
async function wholeConflict(
  client: Pick<Client<typeof taskService>, 'getConflict'>,
  id: string,
  call: CallOptions,
): Promise<WholeConflict> {
  const writes: ConflictWrite[] = [];
  for (;;) {
    const found = await client.getConflict({ id, skipWrites: writes.length }, call);
    writes.push(...found.writes);
    const { conflict, shown } = found;
    if (!conflict) throw new Error('the service answered without a conflict');
    if (found.writesLeft === 0 || found.writes.length === 0) return { conflict, shown, writes };
  }
}

function conflictText({ conflict, shown, writes }: WholeConflict, terminal: Terminal): string {
  const { id, namespace, reason, time, base, standing } = conflict;
  const lines: [string, string][] = [
    ['conflict', id],
    ['task', taskName(conflict)],
    ['namespace', namespace],
    ['reason', reasonText(reason)],
    ['found', fullTime(time)],
    ['made on', stampText(base, 'an unknown task')],
    ['stood instead', stampText(standing, 'no task')],
    ['shown', shown ? `${shown.status} ${shown.code} ${shown.message}`.trimEnd() : 'removed'],
  ];
  const rows = writes.map((write) => [
    write.time?.toISOString() ?? '-',
    ...writeText(write),
    write.principal,
    write.requestId,
  ]);
  return `${labelledLines(lines)}\n\n${renderTable({ columns, rows }, terminal)}`;
}

function stampText(stamp: TaskStamp | undefined, none: string): string {
  return stamp ? `revision ${stamp.revision} of ${stamp.incarnation}` : none;
}

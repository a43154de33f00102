/** `connections conflicts replay`: writes what a conflict holds after all. */
import { createClient } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import type { Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { missingConflictHint } from '../conflict-messages.ts';
import { addExamples } from '../examples.ts';
import { printJson } from '../json-output.ts';
import { hintWhenMissing } from '../name-missing.ts';
import { addDatabaseOptions } from '../read-options.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import type { Terminal } from '../terminal.ts';
import { printable } from '../text-width.ts';

export function addConflictsReplayCommand(conflicts: Command, terminal: Terminal): void {
  const replay = conflicts
    .command('replay')
    .summary('write what a conflict holds after all')
    .description(
      'Makes the writes of a conflict on the task as it is now, whatever stands there, and drops the conflict. ' +
        'A failure keeps it; what was written by then is not written twice when it is replayed again.',
    )
    .argument('<conflict>', 'its id, as `connections conflicts list` has it');
  addDatabaseOptions(replay);
  addExamples(replay, 'connections conflicts replay 0f9c2b1e');
  replay.action((id: string, options: CommonOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(taskService, channel);
      const asked = client.replayConflict({ id }, callOptions(options, terminal));
      const { writeCount } = await hintWhenMissing(asked, missingConflictHint);
      if (options.json) printJson(terminal, { id, writeCount });
      else
        terminal.print(printable(`replayed ${id}: ${writeCount} ${writeCount === 1 ? 'write' : 'writes'}`));
    }),
  );
}

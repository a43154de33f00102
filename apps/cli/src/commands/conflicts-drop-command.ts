/** `connections conflicts drop`: lets the writes of a conflict go. */
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

export function addConflictsDropCommand(conflicts: Command, terminal: Terminal): void {
  const drop = conflicts
    .command('drop')
    .summary('let the writes of a conflict go')
    .description('Drops a conflict: the task stays as it is, and the writes are gone for good.')
    .argument('<conflict>', 'its id, as `connections conflicts list` has it');
  addDatabaseOptions(drop);
  addExamples(drop, 'connections conflicts drop 0f9c2b1e');
  drop.action((id: string, options: CommonOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(taskService, channel);
      const asked = client.dropConflict({ id }, callOptions(options, terminal));
      await hintWhenMissing(asked, missingConflictHint);
      if (options.json) printJson(terminal, { id });
      else terminal.print(printable(`dropped ${id}`));
    }),
  );
}

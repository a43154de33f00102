/** `connections conflicts`: buffered writes that could not come home. */
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addConflictsDropCommand } from './conflicts-drop-command.ts';
import { addConflictsListCommand } from './conflicts-list-command.ts';
import { addConflictsReplayCommand } from './conflicts-replay-command.ts';
import { addConflictsShowCommand } from './conflicts-show-command.ts';

export function addConflictsCommand(program: Command, { terminal }: CliContext): void {
  const conflicts = program
    .command('conflicts')
    .summary('decide what becomes of buffered writes in conflict')
    .description(
      'Writes that were acknowledged while the authority was away, and that could not come home because the task ' +
        'had changed. They are kept until they are replayed or dropped.',
    );
  addConflictsListCommand(conflicts, terminal);
  addConflictsShowCommand(conflicts, terminal);
  addConflictsReplayCommand(conflicts, terminal);
  addConflictsDropCommand(conflicts, terminal);
}

/** `connections tasks`: the states of tasks. */
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addTasksGetCommand } from './tasks-get-command.ts';
import { addTasksListCommand } from './tasks-list-command.ts';
import { addTasksWatchCommand } from './tasks-watch-command.ts';

export function addTasksCommand(program: Command, { terminal }: CliContext): void {
  const tasks = program
    .command('tasks')
    .summary('look at the states of tasks')
    .description('Looks at the states of tasks, which are named category/id. Nothing is changed.');
  addTasksGetCommand(tasks, terminal);
  addTasksListCommand(tasks, terminal);
  addTasksWatchCommand(tasks, terminal);
}

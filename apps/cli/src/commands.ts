/** Every command, in the order of `--help`. Each is loaded only when it is wanted: a health check has to start fast. */
import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';

type AddCommand = (program: Command, context: CliContext) => void;

const loaders = new Map<string, () => Promise<AddCommand>>([
  ['up', async () => (await import('./commands/up-command.ts')).addUpCommand],
  ['health', async () => (await import('./commands/health-command.ts')).addHealthCommand],
  ['doctor', async () => (await import('./commands/doctor-command.ts')).addDoctorCommand],
  ['config', async () => (await import('./commands/config-command.ts')).addConfigCommand],
  ['call', async () => (await import('./commands/call-command.ts')).addCallCommand],
  ['tasks', async () => (await import('./commands/tasks-command.ts')).addTasksCommand],
  ['conflicts', async () => (await import('./commands/conflicts-command.ts')).addConflictsCommand],
  ['schemas', async () => (await import('./commands/schemas-command.ts')).addSchemasCommand],
  ['queues', async () => (await import('./commands/queues-command.ts')).addQueuesCommand],
  ['export', async () => (await import('./commands/export-command.ts')).addExportCommand],
  ['import', async () => (await import('./commands/import-command.ts')).addImportCommand],
  ['import-legacy', async () => (await import('./commands/import-legacy-command.ts')).addImportLegacyCommand],
  ['sample', async () => (await import('./commands/sample-command.ts')).addSampleCommand],
  ['completion', async () => (await import('./commands/completion-command.ts')).addCompletionCommand],
]);

/** Adds the command that the name is of, or all of them where it is of none, for help and completion. */
export async function addCommands(
  program: Command,
  context: CliContext,
  name: string | undefined,
): Promise<void> {
  const wanted = name === undefined ? undefined : loaders.get(name);
  const load = wanted && name !== 'completion' ? [wanted] : [...loaders.values()];
  for (const add of await Promise.all(load.map((loader) => loader()))) add(program, context);
}

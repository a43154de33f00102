/** `connections import-legacy`: tasks that only the first implementation's Redis knows, into the authority. */
import { type CallOptions, type Client, createClient, isStatusError } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import type { CommonOptions } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { reportFailure } from '../failure-report.ts';
import { LegacyReport } from '../legacy-report.ts';
import { addDatabaseOptions } from '../read-options.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import type { Terminal } from '../terminal.ts';

interface ImportLegacyOptions extends CommonOptions {
  readonly apply?: true;
}

export function addImportLegacyCommand(program: Command, { terminal }: CliContext): void {
  const command = program
    .command('import-legacy')
    .summary('import tasks that only the old Redis knows')
    .description(
      'Counts the tasks that the first implementation left on Redis and that MongoDB does not have, and creates them ' +
        'there with --apply. A task that MongoDB has stays as it is, and one that was removed in the last day is not ' +
        'created. Nothing of the first implementation is changed. It can be repeated, and goes on where it was interrupted.',
    )
    .option('--apply', 'import them; otherwise nothing is changed');
  addDatabaseOptions(command);
  addExamples(command, 'connections import-legacy', 'connections import-legacy --apply');
  command.action((options: ImportLegacyOptions) => importLegacy(options, terminal));
}

async function importLegacy(options: ImportLegacyOptions, terminal: Terminal): Promise<void> {
  const report = new LegacyReport(options.apply === true, terminal);
  await withChannel(databaseTarget(options, terminal), async (channel) => {
    const client = createClient(taskService, channel);
    await importPages(client, report, callOptions(options, terminal));
  }).catch((error) => {
    throw stopped(error, report);
  });
  report.print(options);
}

async function importPages(
  client: Pick<Client<typeof taskService>, 'importLegacyTasks'>,
  report: LegacyReport,
  call: CallOptions,
): Promise<void> {
  let pageToken = '';
  do {
    const page = await client.importLegacyTasks({ apply: report.applied, pageToken }, call);
    report.add(page);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}

/** The failure, with how far the import came. */
function stopped(error: unknown, { applied, counts }: LegacyReport): unknown {
  if (!applied || counts.found === 0) return error;
  if (!isStatusError(error) && !(error instanceof CliError)) return error;
  const { text, exitCode } = reportFailure(error);
  return new CliError(
    `${text}; the import stopped after ${counts.found} keys, with ${counts.imported} imported`,
    {
      hint: 'they stay, and the same command goes on from there',
      exitCode,
      cause: error,
    },
  );
}

/** `connections import`: what `connections export` has written, into the services. */
import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { databaseOption, jsonOption, messagingOption, timeoutOption } from '../common-options.ts';
import type { ImportOptions } from '../definitions/run-import.ts';
import { addExamples } from '../examples.ts';

export function addImportCommand(program: Command, { terminal }: CliContext): void {
  const command = program
    .command('import')
    .summary('register and declare what a file defines')
    .description(
      'Registers the schemas of a file of `connections export`, version by version, and declares its exchanges, queues ' +
        'and bindings. What is there already stays; importing a file twice changes nothing the second time. A schema ' +
        'whose history does not end with versions of the file gets them after its own. The file is refused as a whole ' +
        'when anything in it is wrong or contradicts a declared queue; only the service can tell whether it takes a ' +
        'document. The service numbers versions itself, so gaps of deleted ones close.',
    )
    .argument('<file>', 'the file; `-` reads standard input')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--schemas', 'the schemas alone')
    .option('--topology', 'the exchanges, queues and bindings alone')
    .addOption(
      new Option('--namespace <name>', 'the namespace to import into, that of the file when left out'),
    )
    .addOption(jsonOption())
    .addOption(databaseOption())
    .addOption(messagingOption())
    .addOption(timeoutOption());
  addExamples(command, 'connections import definitions.json --dry-run');
  command.action(async (file: string, options: ImportOptions) => {
    const { runImport } = await import('../definitions/run-import.ts');
    await runImport(file, options, terminal);
  });
}

/** `connections config`: the settings that the services would start with, and where each comes from. */
import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { jsonOption } from '../common-options.ts';
import type { SettingsView } from '../effective-settings.ts';
import { addExamples } from '../examples.ts';
import { addSettingFlags, flagLayer, type SettingOptions } from '../setting-flags.ts';

export function addConfigCommand(program: Command, { terminal, layers }: CliContext): void {
  const config = program
    .command('config')
    .summary('show the settings and where each comes from')
    .description(
      'Shows the settings that `connections up` with the same flags would start with, and the origin of each: ' +
        'flag, environment, .env file, secret file (the variable with _FILE), another variable or default. Nothing has to run.',
    )
    .option('--changed', 'only what is not the default')
    .addOption(jsonOption())
    // What `up` calls it, so that both spellings work; this command does nothing else.
    .addOption(new Option('--print-config').hideHelp());
  addSettingFlags(config);
  addExamples(config, 'connections config --changed', 'connections config --json');
  config.action(async (options: SettingOptions & SettingsView) => {
    const { standaloneSettings } = await import('@connections/standalone');
    const { printSettings } = await import('../effective-settings.ts');
    printSettings([...layers, flagLayer(options, standaloneSettings)], options, terminal);
  });
}

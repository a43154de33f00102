/** `connections up`: both services in this process, as `npm start` runs them, with flags. */
import { layerEnvironment } from '@connections/runtime/environment';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addExamples } from '../examples.ts';
import { addSettingFlags, flagLayer, namingFlags, type SettingOptions } from '../setting-flags.ts';

export function addUpCommand(program: Command, { terminal, layers, serve }: CliContext): void {
  const up = program
    .command('up')
    .summary('run both services in this process')
    .description(
      'Runs the Database and the Messaging service in this process until Ctrl-C. ' +
        'A flag wins over the environment, that over the .env file, that over the default.',
    );
  addSettingFlags(up).option('--print-config', 'print the settings, as `connections config` does, and exit');
  addExamples(
    up,
    'connections up --data /var/lib/connections',
    'connections up --database-port 0 --messaging-port 0 --set DRAIN_SECONDS=30',
  );
  up.action(async (options: SettingOptions) => {
    const { standaloneSettings } = await import('@connections/standalone');
    const effective = [...layers, flagLayer(options, standaloneSettings)];
    if (options.printConfig) {
      const { printSettings } = await import('../effective-settings.ts');
      printSettings(effective, {}, terminal);
      return;
    }
    await serve(layerEnvironment(effective).env, namingFlags);
  });
}

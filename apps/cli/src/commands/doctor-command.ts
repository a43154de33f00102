/** `connections doctor`: what keeps the services from starting here, and what to do about it. */
import { layerEnvironment } from '@connections/runtime/environment';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { type CommonOptions, jsonOption, timeoutOption } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { printJson } from '../json-output.ts';
import { addSettingFlags, flagLayer, type SettingOptions } from '../setting-flags.ts';

export function addDoctorCommand(program: Command, { terminal, layers }: CliContext): void {
  const doctor = program
    .command('doctor')
    .summary('look for what keeps the services from starting')
    .description(
      'Looks at what `connections up` with the same flags would need: Node.js, settings, ports, data folders, ' +
        'servers of stores; whether the services answer already; and the tools that only parts of the repository use. ' +
        'Prints ok, warn or FAIL for each with what to do, changes nothing, and exits with 1 when something fails.',
    )
    .addOption(jsonOption())
    .addOption(timeoutOption('how long each service may take to answer'));
  addSettingFlags(doctor);
  addExamples(doctor, 'connections doctor --data /var/lib/connections');
  doctor.action(async (options: SettingOptions & CommonOptions) => {
    const { standaloneSettings } = await import('@connections/standalone');
    const { runChecks } = await import('../doctor/run-checks.ts');
    const { checkLines } = await import('../doctor/check.ts');
    const { env } = layerEnvironment([...layers, flagLayer(options, standaloneSettings)]);
    const timeoutMs = options.timeout * 1_000;
    const checks = await runChecks(env, { timeoutMs, interrupted: terminal.interrupted });
    if (options.json) printJson(terminal, { checks });
    else terminal.print(checkLines(checks, terminal.colour));
    const failed = checks.filter(({ status }) => status === 'FAIL').length;
    if (failed > 0) {
      throw new CliError(`${failed} of ${checks.length} checks failed`, {
        hint: 'what to do about each stands in its line',
      });
    }
  });
}

/** The layers of the environment of a process: its own variables over those of the `.env` file in its folder. */
import type { Environment } from '@connections/runtime';
import { type EnvironmentLayer, readEnvFile } from '@connections/runtime/environment';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

export function readProcessLayers(folder: string, env: Environment): readonly EnvironmentLayer[] {
  return [
    { origin: '.env', variables: envFileOf(folder) },
    { origin: 'environment', variables: { ...env } },
  ];
}

function envFileOf(folder: string): Environment {
  try {
    return readEnvFile(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError(`the .env file in ${folder} cannot be read (${code})`, {
      hint: 'make it a file that you may read, or run elsewhere',
      exitCode: exitCodes.usage,
      cause,
    });
  }
}

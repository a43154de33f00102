/** Brings a folder's `.env` file into the environment of the process. */
import { layerEnvironment, readEnvFile } from './environment-layers.ts';

/** What the shell has set wins, empty text too. A missing file is no error. */
export function loadEnvironment(folder: string): void {
  const { env } = layerEnvironment([
    { origin: '.env', variables: readEnvFile(folder) },
    { origin: 'environment', variables: process.env },
  ]);
  Object.assign(process.env, env);
}

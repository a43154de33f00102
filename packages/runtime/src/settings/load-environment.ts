/** Brings a folder's `.env` file into the environment of the process. */
import { join } from 'node:path';

/** What the shell has set wins. A missing file is no error. */
export function loadEnvironment(folder: string): void {
  try {
    process.loadEnvFile(join(folder, '.env'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

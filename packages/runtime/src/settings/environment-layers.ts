/** The environment as it is put together, so that every variable keeps where it was set. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Environment } from './settings-table.ts';

export interface EnvironmentLayer {
  readonly origin: '.env' | 'environment' | 'flag';
  readonly variables: Environment;
}

export interface LayeredEnvironment {
  readonly env: Environment;
  readonly origins: ReadonlyMap<string, EnvironmentLayer['origin']>;
}

/**
 * The weakest layer first. A secret and the file that may hold it are one setting: where a layer sets one of the two,
 * the other does not come through from below.
 */
export function layerEnvironment(layers: readonly EnvironmentLayer[]): LayeredEnvironment {
  const env = new Map<string, string>();
  const origins = new Map<string, EnvironmentLayer['origin']>();
  for (const { origin, variables } of layers) {
    for (const [name, value] of Object.entries(variables)) {
      const other = name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : `${name}_FILE`;
      if (value && !variables[other]) env.delete(other);
    }
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) continue;
      env.set(name, value);
      origins.set(name, origin);
    }
  }
  return { env: Object.fromEntries(env), origins };
}

/** The variables of a folder's `.env` file; a missing file has none. */
export function readEnvFile(folder: string): Environment {
  try {
    return parseEnv(readFileSync(join(folder, '.env'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** The referee of tests/deploy/referee: what the tools of a deployment read in our files. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from './image-root.ts';

const run = promisify(execFile);
const binary = join(repository, 'tests/dist/referee');

/** Why it cannot be built here, or false. Required where CI is set. */
export const refereeIsMissing =
  spawnSync('go', ['version']).status === 0 || process.env.CI
    ? false
    : 'the referee of deployment files is built with Go, which is not installed';

/** From a cold cache minutes, at a low priority for the tests that measure time; else a second. */
export async function buildReferee(): Promise<void> {
  await run('nice', ['go', 'build', '-buildvcs=false', '-o', binary, '.'], {
    cwd: join(repository, 'tests/deploy/referee'),
  });
}

/** Throws with the findings, a line each. The environment is `env` alone. */
export async function referee<T>(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  try {
    const { stdout } = await run(binary, [...args], { env, cwd: repository, maxBuffer: 2 ** 26 });
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error((error as { readonly stderr?: string }).stderr || String(error));
  }
}

/** gRPC's and HTTP/2's own referees, built with Go from the module in `referees`: h2spec, grpc-go's interop client and server. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const tests = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(tests, 'dist/referees');

export type Referee = 'h2spec' | 'client' | 'server';

/** Why they cannot be built here, or false. Required where CI is set. */
export const goRefereesMissing =
  spawnSync('go', ['version']).status === 0 || process.env.CI
    ? false
    : 'the referees of gRPC are built with Go, which is not installed';

/** From a cold cache minutes, at a low priority for the tests that measure time; else a second. */
export async function buildReferees(): Promise<(name: Referee) => string> {
  mkdirSync(folder, { recursive: true });
  await run('nice', ['go', 'build', '-buildvcs=false', '-o', `${folder}/`, 'tool'], {
    cwd: join(tests, 'interop/referees'),
  });
  return (name) => join(folder, name);
}

/** From the start of the process to its ready line, and what the CLI's health check takes. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pinned } from '../child/pinning.ts';
import { startServices } from '../child/service-process.ts';
import { temporaryFolder } from '../child/temporary-folder.ts';
import { interleave } from '../measure/interleave.ts';
import type { BenchPart } from './bench-part.ts';

// From bench/dist/src/parts.
const cli = fileURLToPath(new URL('../../../../apps/cli/bin/connections.mjs', import.meta.url));
const timeoutMs = 30_000;

export const startPart: BenchPart = {
  name: 'start',
  title: 'Start of both services in one process',
  async run({ effort }) {
    const used = temporaryFolder();
    await using running = await startServices(used);
    const address = ['--database', running.database, '--messaging', running.messaging];
    const cases = [
      { name: 'ready, on an empty folder', run: () => startOnce(temporaryFolder()) },
      { name: 'connections health', run: () => health(address) },
    ];
    return await interleave('start', cases, effort);
  },
};

async function startOnce(folder: string) {
  await using services = await startServices(folder);
  return { ms: services.readyMs };
}

async function health(address: readonly string[]) {
  const [command = '', ...args] = pinned('generator', [process.execPath, cli, 'health', ...address]);
  const begin = performance.now();
  await promisify(execFile)(command, args, { timeout: timeoutMs });
  return { ms: performance.now() - begin };
}

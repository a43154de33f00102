/** Load from `h2load` of nghttp2, which counts HTTP and sees no grpc-status: one reply is checked before. */
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pinned } from '../child/pinning.ts';
import { temporaryFolder } from '../child/temporary-folder.ts';
import { framed, type LoadGenerator } from './load-target.ts';

/** What a run may take beyond its time. */
const slackMs = 10_000;

/** `h2load nghttp2/1.52.0`; undefined where it is not installed. */
export function h2loadVersion(): string | undefined {
  try {
    return execFileSync('h2load', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** Sends one request only, again and again. */
export function h2load(): LoadGenerator {
  const body = join(temporaryFolder(), 'request.bin');
  return {
    async run({ address, path, requests, timeout }, { connections, streams, runMs }) {
      writeFileSync(body, framed(requests[0] ?? new Uint8Array()));
      const [command = '', ...args] = pinned('generator', [
        'h2load',
        `--duration=${runMs}ms`,
        `--clients=${connections}`,
        `--max-concurrent-streams=${streams}`,
        `--data=${body}`,
        '--header=content-type: application/grpc',
        '--header=te: trailers',
        ...(timeout === undefined ? [] : [`--header=grpc-timeout: ${timeout}`]),
        `http://${address}${path}`,
      ]);
      const { stdout } = await promisify(execFile)(command, args, { timeout: runMs + slackMs });
      return countsOf(stdout);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function countsOf(output: string): { calls: number; elapsedMs: number } {
  const [, number, scale] = /^finished in ([\d.]+)(ms|s),/m.exec(output) ?? [];
  const counts = /^requests: .* (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored/m.exec(output);
  const [done, succeeded, failed, errored] = counts?.slice(1).map(Number) ?? [];
  if (
    number === undefined ||
    succeeded === undefined ||
    done !== succeeded ||
    failed !== 0 ||
    errored !== 0
  ) {
    throw new Error(`h2load did not succeed:\n${output}`);
  }
  return { calls: succeeded, elapsedMs: Number(number) * (scale === 's' ? 1_000 : 1) };
}

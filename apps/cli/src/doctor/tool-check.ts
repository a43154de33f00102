/** The tools that parts of the repository use; the services need none of them. */
import { execFile } from 'node:child_process';
import type { Environment } from '@connections/runtime';
import { type Check, ok, warn } from './check.ts';

interface Tool {
  readonly check: string;
  readonly command: readonly [string, ...string[]];
  /** What is missing without it, and how to have it. */
  readonly otherwise: string;
}

/** An engine that is installed and not running answers after seconds, or never. */
const timeoutMs = 5_000;

const tools: readonly Tool[] = [
  {
    check: 'docker',
    command: ['docker', 'version', '--format', '{{.Server.Version}}'],
    otherwise: 'no engine answers, images and compose need one: start or install Docker',
  },
  {
    check: 'moon',
    command: ['moon', '--version'],
    otherwise: 'not found, the tasks of moon.yml need it: run this with npx in a checkout, or install moon',
  },
];

export function checkTools(env: Environment, signal: AbortSignal): Promise<Check[]> {
  return Promise.all(
    tools.map(async ({ check, command, otherwise }) => {
      const version = await answerOf(command, env, signal);
      return version ? ok(check, version) : warn(check, otherwise);
    }),
  );
}

/** The first line of what it prints; undefined when it cannot be run or fails. */
function answerOf(
  [file, ...words]: Tool['command'],
  env: Environment,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(file, words, { env, signal, timeout: timeoutMs }, (error, stdout) => {
      resolve(error ? undefined : stdout.trim().split('\n')[0]);
    });
  });
}

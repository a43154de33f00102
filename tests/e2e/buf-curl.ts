/** `buf curl`, a client of others that knows a service by its reflection only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

// From tests/dist/e2e to the root of the checkout.
const buf = fileURLToPath(new URL('../../../node_modules/.bin/buf', import.meta.url));
const flags = ['--protocol', 'grpc', '--http2-prior-knowledge', '--reflect'];

export interface BufCurlAnswer {
  /** The number of the gRPC status. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function bufCurl(...args: readonly string[]): Promise<BufCurlAnswer> {
  const { child, output } = start(args);
  const [exitCode] = await once(child, 'close');
  // The program shifts the status by three bits; what is below is a failure of its own.
  if (exitCode % 8 !== 0) throw new Error(`buf curl ended with ${exitCode}: ${output.stderr}`);
  return { status: exitCode / 8, ...output };
}

/** The first message of a stream, which is then cancelled; undefined when it ended without one. */
export async function firstOfBufCurl(...args: readonly string[]): Promise<unknown> {
  const { child, output } = start(args);
  const first = new Promise((resolve) => {
    child.stdout.on('data', () => {
      const message = firstMessage(output.stdout);
      if (message !== undefined) resolve(message);
    });
  });
  const ended = once(child, 'close');
  const message = await Promise.race([first, ended.then(() => undefined)]);
  // What npm installs as buf is a script around the program: both are in the group.
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  await ended;
  return message;
}

/** Messages are printed over several lines, and an empty one as {}. */
export function firstMessage(stdout: string): unknown {
  const text = /^\{\}$|^\{$[\s\S]*?^\}$/m.exec(stdout)?.[0];
  return text === undefined ? undefined : JSON.parse(text);
}

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [buf, 'curl', ...flags, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  return { child, output };
}

/** The Database service as a process of its own, for tests of what is left when the stores are all that two of them share. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Channel } from '@connections/grpc';
import type { TestServer } from '@connections/testing';
import { openTestChannel, transportVariables } from '@connections/testing';

const main = fileURLToPath(new URL('../src/main.js', import.meta.url));

export interface LogLine {
  readonly level?: string;
  readonly msg?: string;
  readonly port?: string;
}

export interface DatabaseProcess extends AsyncDisposable {
  readonly address: string;
  readonly channel: Channel;
  /** All that it has logged by now. */
  readonly log: readonly LogLine[];
  /** As `/readyz` tells it. */
  readiness(): Promise<{ readonly status: number; readonly reason: string }>;
}

/** The variables of existing deployments, and no other. */
export function oldVariables(
  redis: Pick<TestServer, 'url' | 'port'>,
  mongo: Pick<TestServer, 'port'>,
  database: string,
): Readonly<Record<string, string>> {
  const password = decodeURIComponent(new URL(redis.url).password);
  return {
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(redis.port),
    ...(password !== '' && { REDIS_PASSWORD: password }),
    MONGO_HOST: '127.0.0.1',
    MONGO_PORT: String(mongo.port),
    MONGO_DB: database,
  };
}

/** Resolves when it says that it is ready. Its environment is `env` and free ports. */
export async function startDatabaseProcess(env: Readonly<Record<string, string>>): Promise<DatabaseProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'connections-process-'));
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    // Away from the checkout, so that no .env of a developer is read.
    cwd: folder,
    env: { ...transportVariables, CONNECTIONS_DATA: folder, DATABASE_CONNECTION_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // A test that ends without having disposed of it takes it along.
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const closed = once(child, 'close');
  const log: LogLine[] = [];
  const end = async () => {
    child.kill('SIGKILL');
    await closed;
    process.off('exit', endWithUs);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { address, http } = await ready(child, log);
    const channel = openTestChannel(address);
    return {
      address,
      channel,
      log,
      async readiness() {
        const response = await fetch(`http://${http}/readyz`);
        const { reason } = (await response.json()) as { readonly reason: string };
        return { status: response.status, reason };
      },
      async [Symbol.asyncDispose]() {
        channel.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Goes on to collect the log afterwards. */
function ready(child: ChildProcess, log: LogLine[]): Promise<{ address: string; http: string }> {
  return new Promise((resolve, reject) => {
    if (!child.stderr) throw new Error('it has no standard error');
    const lines = createInterface({ input: child.stderr });
    lines.on('line', (text) => {
      const line = JSON.parse(text);
      log.push(line);
      if (line.msg === 'ready') resolve(line);
    });
    child.once('error', reject);
    lines.once('close', () => reject(new Error(`it ended: ${JSON.stringify(log)}`)));
  });
}

/** moon's tasks, started as a person starts them: through npx. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { eventually, openTestChannel, transportVariables } from '@connections/testing';
import { temporaryFolder } from './standalone-process.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const canUnshare = spawnSync('unshare', ['--net', 'true']).status === 0;

function npx(...args: string[]): string[] {
  return ['npx', '--no-install', 'moon', ...args];
}

interface ServiceUnderMoon {
  readonly wrapper: ChildProcess;
  readonly address: string;
  /** What was printed so far. */
  printed(): string;
}

const started: ChildProcess[] = [];

/** In a group of its own and with an empty home folder. Resolves once the service is ready. */
async function start(
  [command = '', ...args]: string[],
  env: Readonly<Record<string, string>>,
): Promise<ServiceUnderMoon> {
  const wrapper = spawn(command, args, {
    cwd: root,
    env: {
      ...transportVariables,
      PATH: process.env.PATH,
      HOME: temporaryFolder(),
      CONNECTIONS_DATA: temporaryFolder(),
      LOG_FORMAT: 'json',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  started.push(wrapper);
  const lines: string[] = [];
  const address = await new Promise<string>((resolve, reject) => {
    for (const output of [wrapper.stdout, wrapper.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        lines.push(line);
        const ready = /"address":"([^"]+)".*"msg":"ready"/.exec(line);
        if (ready?.[1]) resolve(ready[1]);
      });
    }
    wrapper.on('error', reject);
    wrapper.on('exit', (code) => reject(new Error(`ended with ${code}: ${lines.join('\n')}`)));
  });
  return { wrapper, address, printed: () => lines.join('\n') };
}

async function assertServes(address: string): Promise<void> {
  const channel = openTestChannel(address);
  assert.deepEqual(await createClient(healthService, channel).check({}), { status: Status.SERVING });
  channel.close();
}

/** Nothing holds the port any more. */
async function assertFree(address: string): Promise<void> {
  const { hostname, port } = new URL(`http://${address}`);
  const socket = connect(Number(port), hostname);
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    socket.on('connect', () => resolve(undefined)).on('error', resolve);
  });
  socket.destroy();
  assert.equal(failure?.code, 'ECONNREFUSED');
}

/** moon writes the state of its last run after its child has ended, and a moon that reads it half-written fails. */
async function groupEnded({ pid = 0 }: ChildProcess): Promise<void> {
  await eventually(() => assert.throws(() => process.kill(-pid, 0), { code: 'ESRCH' }), 10_000);
}

/** What a test that failed has left, for it would keep this process from its end. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left.
  }
}

describe('moon', () => {
  after(() => started.forEach(endGroup));

  it('has a task for each thing that the documents promise', () => {
    const [command = '', ...args] = npx('query', 'tasks');
    const { tasks } = JSON.parse(execFileSync(command, args, { cwd: root, encoding: 'utf8' }));
    const names = (project: string) => Object.keys(tasks[project]).sort();
    for (const service of ['database', 'messaging', 'standalone']) {
      assert.deepEqual(names(service), ['docker-build', 'format', 'run', 'test']);
    }
    assert.deepEqual(names('root'), ['bench', 'build', 'check']);
  });

  for (const [service, variable] of [
    ['database', 'DATABASE_CONNECTION_PORT'],
    ['messaging', 'MESSAGING_CONNECTION_PORT'],
  ] as const) {
    it(`runs ${service}, and a TERM that reaches npx alone leaves no orphan`, {
      timeout: 60_000,
    }, async () => {
      const running = await start(npx('run', `${service}:run`), { [variable]: '0' });
      await assertServes(running.address);
      running.wrapper.kill('SIGTERM');
      await eventually(() => assertFree(running.address), 10_000);
      await eventually(() => assert.match(running.printed(), /"msg":"stopped"/), 10_000);
      await groupEnded(running.wrapper);
    });
  }

  it('stops in order on Ctrl-C, which reaches every process', { timeout: 60_000 }, async () => {
    const { wrapper, address, printed } = await start(npx('run', 'database:run'), {
      DATABASE_CONNECTION_PORT: '0',
    });
    process.kill(-(wrapper.pid ?? 0), 'SIGINT');
    await eventually(() => assert.match(printed(), /"msg":"stopped"/), 10_000);
    await eventually(() => assertFree(address));
    await groupEnded(wrapper);
  });

  it('needs no network', {
    skip: !canUnshare && 'a process without a network needs the right to unshare(1) it',
    timeout: 60_000,
  }, async () => {
    // Not even a loopback address is there: the service takes any.
    const { wrapper, printed } = await start(['unshare', '--net', ...npx('run', 'database:run')], {
      DATABASE_CONNECTION_HOST: '0.0.0.0',
      DATABASE_CONNECTION_PORT: '0',
    });
    wrapper.kill('SIGTERM');
    await eventually(() => assert.match(printed(), /"msg":"stopped"/), 10_000);
    await groupEnded(wrapper);
  });

  it('fails docker-build with one line of what is missing', () => {
    const [command = '', ...args] = npx('run', 'database:docker-build');
    const { status, stderr } = spawnSync(command, args, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:9' },
    });
    assert.notEqual(status, 0);
    const lines = stderr.split('\n').filter((line) => line.startsWith('docker'));
    assert.equal(lines.length, 1, stderr);
    assert.match(lines[0] ?? '', /^docker (is not installed|has no engine to build with): /);
  });
});

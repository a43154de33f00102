/** `connections up` and `connections health` as processes: start, second start, busy port, stop. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { describe, it } from 'node:test';
import { eventually } from '@connections/testing';
import { cliMain, type RunningCommand, runCommand, startCommand } from './cli-command.ts';
import { startStandalone, temporaryFolder } from './standalone-process.ts';

const freePorts = ['--database-port', '0', '--messaging-port', '0'];

interface Up {
  readonly command: RunningCommand;
  /** Flags that name the addresses of the two. */
  readonly at: readonly string[];
}

async function startUp(words: readonly string[]): Promise<Up> {
  const command = startCommand([process.execPath, cliMain, 'up', ...words]);
  const banner = await Promise.race([
    eventually(() => {
      assert.match(command.stdout(), /is ready in \d+ ms\n/);
      return command.stdout();
    }, 20_000),
    command.exited.then(({ stderr }) => Promise.reject(new Error(`it ended: ${stderr}`))),
  ]);
  const address = (name: string) => new RegExp(`^ +${name} +(\\S+)`, 'm').exec(banner)?.[1] ?? '';
  return { command, at: ['--database', address('database'), '--messaging', address('messaging')] };
}

async function listening(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { server, port: address.port };
}

async function freePort(): Promise<number> {
  const { server, port } = await listening();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('connections up', () => {
  it('runs both services until Ctrl-C, then exits with 0', async () => {
    const { command, at } = await startUp(['--data', temporaryFolder(), ...freePorts]);
    await using _stopped = command;
    const healthy = await runCommand(['health', '--all', ...at]);
    assert.equal(healthy.code, 0, healthy.stderr);
    assert.equal(healthy.stdout.match(/ serving /g)?.length, 8);
    command.child.kill('SIGINT');
    const { code, stderr } = await command.exited;
    assert.equal(code, 0, stderr);
    assert.equal((await runCommand(['health', ...at])).code, 1);
  });

  it('stops in order on a Ctrl-C that comes while they are loaded', async () => {
    // Interrupts itself where the services are about to take over the signals from the command line.
    const interrupting = `
      const { on } = process;
      let listeners = 0;
      process.on = function (name, ...rest) {
        if (name === 'SIGINT' && ++listeners === 2) process.kill(process.pid, 'SIGINT');
        return on.call(this, name, ...rest);
      };`;
    const words = ['up', '--data', temporaryFolder(), ...freePorts];
    const { code, stderr } = await runCommand(words, {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(interrupting)}` },
    });
    assert.equal(code, 0, stderr);
  });

  it('goes on when nobody reads what it prints', async () => {
    const [database, messaging] = [await freePort(), await freePort()];
    const ports = ['--database-port', String(database), '--messaging-port', String(messaging)];
    const words = ['up', '--data', temporaryFolder(), ...ports, '--set', 'HTTP_ENABLED=false'];
    await using command = startCommand([process.execPath, cliMain, ...words]);
    command.child.stdout?.destroy();
    const at = ['--database', `127.0.0.1:${database}`, '--messaging', `127.0.0.1:${messaging}`];
    const health = await runCommand(['health', '--wait', '30', ...at]);
    assert.equal(health.code, 0, health.stderr);
    command.child.kill('SIGINT');
    const { code, stderr } = await command.exited;
    assert.equal(code, 0);
    assert.match(stderr, /"signal":"SIGINT".*stopping/);
  });

  it('on the data of another process names that process in one line, and exits with 1', async () => {
    const folder = temporaryFolder();
    const { command } = await startUp(['--data', folder, ...freePorts]);
    await using _stopped = command;
    const { code, stdout, stderr } = await runCommand(['up', '--data', folder, ...freePorts]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, new RegExp(`^Cannot start: .*\\b${command.child.pid}\\b.*\\n$`));
  });

  it('on a busy port names the port, the variable and the flag in one line, and exits with 1', async () => {
    const { server, port } = await listening();
    const words = ['--data', temporaryFolder(), '--database-port', '0', '--messaging-port', String(port)];
    const { code, stderr } = await runCommand(['up', ...words]);
    server.close();
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(
        `^Cannot start: port ${port} is in use.*MESSAGING_CONNECTION_PORT or --messaging-port to .*\\n$`,
      ),
    );
  });

  it('on settings that are not valid says each in a line, and exits with 2', async () => {
    const { code, stderr } = await runCommand(['up', '--database-port', 'x', '--set', 'DRAIN_SECONDS=soon']);
    assert.equal(code, 2);
    assert.equal(stderr.trimEnd().split('\n').length, 2, stderr);
  });
});

describe('connections health', () => {
  it('waits for services that are still to come', async () => {
    const port = await freePort();
    const waiting = runCommand(['health', 'database', '--wait', '30', '--database', `127.0.0.1:${port}`]);
    await using _services = await startStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      DATABASE_CONNECTION_PORT: String(port),
    });
    const { code, stderr } = await waiting;
    assert.equal(code, 0, stderr);
  });

  it('finds services by the environment that they were started with', async () => {
    await using services = await startStandalone({ CONNECTIONS_DATA: temporaryFolder() });
    const { code, stdout } = await runCommand(['health', '--json'], {
      env: {
        DATABASE_CONNECTION_PORT: services.databaseAddress.split(':')[1] ?? '',
        MESSAGING_CONNECTION_PORT: services.messagingAddress.split(':')[1] ?? '',
      },
    });
    assert.equal(code, 0);
    assert.deepEqual(
      JSON.parse(stdout).services.map(({ status }: { readonly status: string }) => status),
      ['SERVING', 'SERVING'],
    );
  });

  it('ends with 130 on Ctrl-C while a call is pending', async () => {
    const { server, port } = await listening();
    const connected = once(server, 'connection');
    await using command = startCommand([
      process.execPath,
      cliMain,
      ...['health', 'database', '--timeout', '60', '--database', `127.0.0.1:${port}`],
    ]);
    const [socket] = await connected;
    command.child.kill('SIGINT');
    const { code, stdout, stderr } = await command.exited;
    socket.destroy();
    server.close();
    assert.deepEqual({ code, stdout, stderr }, { code: 130, stdout: '', stderr: '' });
  });
});

/** The demo as a newcomer runs it: on services that run or on its own, again and again, and cut short. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startStandalone, temporaryFolder } from './standalone-process.ts';

const script = fileURLToPath(new URL('../../../scripts/demo.mjs', import.meta.url));

/** Runs in `folder`, which holds its `.env` and what it keeps for a while. */
function launchDemo(folder: string) {
  const { DATABASE_CONNECTION_PORT: _, MESSAGING_CONNECTION_PORT: __, ...env } = process.env;
  const demo = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env: { ...env, TMPDIR: folder },
  });
  let output = '';
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk) => (output += chunk));
  // `close` comes when the output is complete, `exit` may come before.
  return { demo, ended: once(demo, 'close').then(([code]) => ({ code, output })) };
}

function folderWithPorts(database: string, messaging: string): string {
  const folder = temporaryFolder();
  const settings = `DATABASE_CONNECTION_PORT=${database}\nMESSAGING_CONNECTION_PORT=${messaging}\n`;
  writeFileSync(join(folder, '.env'), settings);
  return folder;
}

/** Ports on which nothing answers, so that services that happen to run here are left alone. */
const nobody = ['1', '1'] as const;

const portOf = (address: string) => address.split(':').at(-1) ?? '';

function assertInOrder(output: string, parts: readonly string[]): void {
  const places = parts.map((part) => output.indexOf(part));
  assert.ok(
    places.every((place, index) => place > (places[index - 1] ?? -1)),
    `these do not stand in this order: ${parts.join(', ')}\n${output}`,
  );
}

const story = ['schema', 'accepted', 'processing-file', 'completed', 'rows       4000', 'bad rows   18'];

describe('the demo', { timeout: 60_000 }, () => {
  it('starts services when none answer, validates a real file and leaves nothing behind', async () => {
    const folder = folderWithPorts(...nobody);
    const { code, output } = await launchDemo(folder).ended;
    assert.equal(code, 0, output);
    assertInOrder(output, ['started for this demo', ...story]);
    assert.match(output, /line 18 +email +must match pattern/);
    assert.deepEqual(readdirSync(folder), ['.env']);
  });

  it('uses the services on the addresses of the .env file, and can be run again', async () => {
    await using services = await startStandalone({ CONNECTIONS_DATA: temporaryFolder() });
    const folder = folderWithPorts(portOf(services.databaseAddress), portOf(services.messagingAddress));
    for (const verdict of ['version 1, registered', 'version 1, as registered before']) {
      const { code, output } = await launchDemo(folder).ended;
      assert.equal(code, 0, output);
      assertInOrder(output, [`running on ${services.databaseAddress}`, verdict, ...story.slice(1)]);
    }
  });

  it('ends in order and without a word when nobody reads on', async () => {
    const folder = folderWithPorts(...nobody);
    const { demo, ended } = launchDemo(folder);
    demo.stdout.once('data', () => demo.stdout.destroy());
    const { code, output } = await ended;
    assert.match(output, /^services {3}started for this demo on \S+ and \S+\n$/);
    assert.equal(code, 0);
    assert.deepEqual(readdirSync(folder), ['.env']);
  });

  it('told to stop, takes its services and their folder with it', async () => {
    const folder = folderWithPorts(...nobody);
    const { demo, ended } = launchDemo(folder);
    const [, port] = await new Promise<RegExpExecArray>((resolve) => {
      let text = '';
      demo.stdout.on('data', (chunk) => {
        text += chunk;
        const match = /started for this demo on 127\.0\.0\.1:(\d+)/.exec(text);
        if (match) resolve(match);
      });
    });
    demo.kill('SIGTERM');
    const { code, output } = await ended;
    assert.equal(code, 143, output);
    await assert.rejects(once(createConnection(Number(port), '127.0.0.1'), 'connect'), {
      code: 'ECONNREFUSED',
    });
    assert.deepEqual(readdirSync(folder), ['.env']);
  });
});

/** What somebody meets who runs this for the first time, on a checkout of their own. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '@connections/testing';
import { freshCheckout } from './fresh-checkout.ts';
import { runStandalone, temporaryFolder } from './standalone-process.ts';

const freePorts = { DATABASE_CONNECTION_PORT: '0', MESSAGING_CONNECTION_PORT: '0' };

/** What cuts a program off from the network and leaves it a loopback; nothing where this user may not. */
function offline(): readonly string[] {
  const cut = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
  const [command = '', ...args] = cut;
  return spawnSync(command, [...args, 'true']).status === 0 ? cut : [];
}

/** As somebody who may not write what this user owns: for root another user, for others themselves. */
const stranger = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

function whyNoStranger(): string | undefined {
  const program = `require('node:fs').accessSync(${JSON.stringify(fileURLToPath(import.meta.url))})`;
  const probe = spawnSync(process.execPath, ['-e', program], stranger);
  return probe.status === 0 ? undefined : 'another user cannot read this checkout';
}

/** `npm start` as npm runs it, in a process group of its own as a terminal makes one. */
function launch(checkout: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: checkout,
    detached: true,
    env: { ...process.env, ...freePorts, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const group = -(child.pid ?? 0);
  return {
    said: (pattern: RegExp) => eventually(() => assert.match(output, pattern), 30_000),
    /** What Ctrl-C does: the terminal tells every process of the group. */
    interrupt: () => process.kill(group, 'SIGINT'),
    ended: once(child, 'close').then(([code, signal]) => ({ end: code ?? signal, output })),
    /** Its last process may still be on its way out when its pipes are closed. */
    gone: () => eventually(() => assert.throws(() => process.kill(group, 0), { code: 'ESRCH' })),
  };
}

describe('a fresh clone', { timeout: 120_000 }, () => {
  it('builds, starts and runs the demo without a network', async (context) => {
    const checkout = freshCheckout({ installed: true });
    const cut = offline();
    if (cut.length === 0) context.diagnostic('with the network: this user cannot take it away');
    const [command = '', ...args] = [...cut, process.execPath, 'scripts/demo.mjs'];
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: checkout, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /started for this demo[\s\S]*bad rows +18\n/);
    assert.equal(stderr, '');
  });

  it('that may not be written says so in one line, before the compiler', (context) => {
    const reason = whyNoStranger();
    if (reason) return context.skip(reason);
    const checkout = freshCheckout({ installed: true });
    chmodSync(checkout, 0o555);
    const args = [join(checkout, 'scripts/start.mjs')];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', ...stranger });
    chmodSync(checkout, 0o755);
    assert.equal(status, 1);
    assert.match(stderr, /^Cannot install or build: \S+ cannot be written\. Run npm start once as .*\n$/);
  });
});

describe('Ctrl-C', { timeout: 120_000 }, () => {
  /** No stack and no failure of ours is shown, and nobody of the group stays. */
  async function assertQuietEnd({ ended, gone }: ReturnType<typeof launch>) {
    const { end, output } = await ended;
    assert.ok([0, 130, 'SIGINT'].includes(end), `${end}: ${output}`);
    assert.doesNotMatch(output, /^ +at |"level":"error"|panic|failed/m);
    await gone();
  }

  it('while npm installs leaves the rest for the next start', async () => {
    const checkout = freshCheckout({ installed: false });
    // An npm that hangs in the middle of its work.
    const tools = join(checkout, 'tools');
    mkdirSync(tools);
    writeFileSync(join(tools, 'npm'), '#!/bin/sh\nmkdir -p node_modules/half\nexec sleep 60\n', {
      mode: 0o755,
    });
    const path = { PATH: `${tools}${delimiter}${process.env.PATH}` };
    for (let round = 0; round < 2; round++) {
      const start = launch(checkout, path);
      await start.said(/^Installing dependencies/);
      await eventually(() => assert.ok(existsSync(join(checkout, 'node_modules/half'))));
      start.interrupt();
      await assertQuietEnd(start);
    }
  });

  it('during the build, the start and the drain ends what was begun, and the next start works', async () => {
    const checkout = freshCheckout({ installed: true });
    const building = launch(checkout);
    await building.said(/^Building/);
    building.interrupt();
    await assertQuietEnd(building);

    const built = launch(checkout);
    await built.said(/^Building[\s\S]*is ready in/);
    built.interrupt();
    await assertQuietEnd(built);

    for (const moment of [0, 50, 100, 150, 200, 250, 300, 400]) {
      const starting = launch(checkout);
      await new Promise((resolve) => setTimeout(resolve, moment));
      starting.interrupt();
      await assertQuietEnd(starting);
    }
    const last = launch(checkout);
    await last.said(/is ready in/);
    last.interrupt();
    await assertQuietEnd(last);
  });
});

describe('a start', { timeout: 60_000 }, () => {
  it('on a data folder that may not be written names it and the way out in one line, and exits 1', async (context) => {
    const reason = whyNoStranger();
    if (reason) return context.skip(reason);
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    const { code, stdout, stderr } = await runStandalone({ CONNECTIONS_DATA: folder }, stranger);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^Cannot start: the data folder \S+ cannot be written \(EACCES: .*choose another folder\n$/,
    );
  });

  it('serves on when nobody reads what it prints', async () => {
    const checkout = fileURLToPath(new URL('../../..', import.meta.url));
    const folder = temporaryFolder();
    const args = [join(checkout, 'apps/connections/standalone/dist/src/main.js')];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...freePorts, CONNECTIONS_DATA: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    child.stderr.destroy();
    // The data folder stands before the banner is printed, and the claim goes when the process has stopped in order.
    const claimed = () => readdirSync(join(folder, 'messaging')).some((name) => name.startsWith('owner-'));
    await eventually(() => assert.ok(claimed()), 10_000);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.ok(!claimed());
  });
});

/** One process owns a folder: real processes contend for it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '@connections/testing';
import { openStore, temporaryFolder } from './temporary-store.ts';

const holder = fileURLToPath(new URL('./hold-store.js', import.meta.url));

async function hold(context: TestContext, folder: string): Promise<{ child: ChildProcess; says: string }> {
  const child = spawn(process.execPath, [holder, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  const [says] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, says };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function claims(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('owner-'));
}

function leaveClaim(folder: string, owner: { pid: number; started: string; host: string }): string {
  const path = join(folder, 'owner-000000000000001-00000000-0000-4000-8000-000000000000.json');
  writeFileSync(path, JSON.stringify(owner));
  return path;
}

describe('a data folder', () => {
  it('that another process has open is refused with its pid', async (context) => {
    const folder = temporaryFolder(context);
    const { child, says } = await hold(context, folder);
    assert.equal(says, 'open');
    await assert.rejects(openStore(folder), (error: Error & { code: string }) => {
      assert.equal(error.code, 'LOCKED');
      assert.match(error.message, new RegExp(`in use by process ${child.pid}: `));
      return true;
    });
  });

  it('is taken over from a process that was killed, and left clean', async (context) => {
    const folder = temporaryFolder(context);
    const { child } = await hold(context, folder);
    await kill(child);
    assert.equal(claims(folder).length, 1);
    const store = await openStore(folder);
    assert.equal(claims(folder).length, 1);
    await store[Symbol.asyncDispose]();
    assert.deepEqual(claims(folder), []);
  });

  it('is taken over from a process that was killed and that nobody has waited for', async (context) => {
    if (process.platform !== 'linux') {
      context.skip('only /proc tells such a process from a living one');
      return;
    }
    const folder = temporaryFolder(context);
    const script = '"$0" "$@" & echo $!; exec sleep 60';
    const words = ['-c', script, process.execPath, holder, folder];
    const parent = spawn('/bin/sh', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    context.after(() => parent.kill('SIGKILL'));
    const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
    const pid = Number((await lines.next()).value);
    assert.equal((await lines.next()).value, 'open');
    process.kill(pid, 'SIGKILL');
    await using _store = await eventually(() => openStore(folder));
    process.kill(pid, 0);
  });

  it('that was left by a killed process goes to exactly one of several starters', async (context) => {
    const folder = temporaryFolder(context);
    await kill((await hold(context, folder)).child);
    const starters = await Promise.all(Array.from({ length: 6 }, () => hold(context, folder)));
    const owners = starters.filter((starter) => starter.says === 'open');
    assert.equal(owners.length, 1, starters.map((starter) => starter.says).join('\n'));
    for (const { says } of starters)
      assert.match(says, /^open$|^DataFolderError: .* in use by process \d+: /);
  });

  it('that this process has open is refused too', async (context) => {
    const folder = temporaryFolder(context);
    await using _store = await openStore(folder);
    await assert.rejects(openStore(folder), {
      code: 'LOCKED',
      message: new RegExp(`process ${process.pid}: `),
    });
  });

  it('is taken over from a process whose id another one has now, its own included', async (context) => {
    for (const pid of [process.pid, process.ppid]) {
      const folder = temporaryFolder(context);
      leaveClaim(folder, { pid, started: 'an earlier boot/1', host: hostname() });
      await using _store = await openStore(folder);
      assert.equal(claims(folder).length, 1);
    }
  });

  it('is taken over, without a start time to go by, from its own id but not from another live one', async (context) => {
    const folder = temporaryFolder(context);
    const path = leaveClaim(folder, { pid: process.ppid, started: '', host: hostname() });
    await assert.rejects(openStore(folder), { code: 'LOCKED' });
    writeFileSync(path, JSON.stringify({ pid: process.pid, started: '', host: hostname() }));
    await using _store = await openStore(folder);
  });

  it('of another host is refused while its owner shows life, and taken over when it no longer does', async (context) => {
    const folder = temporaryFolder(context);
    const path = leaveClaim(folder, { pid: 1, started: 'x/1', host: 'elsewhere' });
    await assert.rejects(openStore(folder), { code: 'LOCKED', message: /process 1 on host elsewhere/ });
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(path, longAgo, longAgo);
    await using _store = await openStore(folder);
  });

  it('is taken over from a claim that a loss of power has emptied', async (context) => {
    const folder = temporaryFolder(context);
    const path = leaveClaim(folder, { pid: 1, started: '', host: hostname() });
    writeFileSync(path, '');
    await using _store = await openStore(folder);
    assert.throws(() => readFileSync(path), { code: 'ENOENT' });
  });
});

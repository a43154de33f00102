/** No server outlives the process that started it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../src/eventually.ts';
import { redisMissing } from '../src/servers/redis-server.ts';

const owner = fileURLToPath(new URL('server-owner.js', import.meta.url));
const skip =
  redisMissing({ own: true }) ?? (existsSync('/proc/self/cmdline') ? false : 'there is no /proc to look at');

suite('Test servers: guard', { skip }, () => {
  for (const [when, what] of [
    ['started', 'is killed'],
    ['early', 'is killed while they start'],
    ['frozen', 'is killed while they are frozen'],
    ['ends', 'ends without a word to them'],
  ] as const) {
    test(`servers and their folder are gone when their process ${what}`, async () => {
      const { stdout, signal } = await run(when);
      const folder = stdout.trim();
      assert.match(folder, /connections-servers-/);
      assert.equal(signal, when === 'ends' ? null : 'SIGKILL');
      await eventually(async () => {
        assert.deepEqual(await processesOf(folder), []);
        assert.deepEqual([existsSync(folder), existsSync(`${folder}.gone`)], [false, false]);
      });
    });
  }
});

function run(when: string): Promise<{ stdout: string; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [owner, when], (error, stdout) => {
      resolve({ stdout, signal: error?.signal ?? null });
    });
  });
}

/** Command lines that name the folder: its servers, and its guard. */
async function processesOf(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // What ends while it is looked at has no command line any more.
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder)).map((line) => line.replaceAll('\0', ' '));
}

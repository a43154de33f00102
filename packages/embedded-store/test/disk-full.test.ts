/** A disk that is full fails writes, not the process, and loses nothing. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openStore, temporaryFolder } from './temporary-store.ts';

const filler = fileURLToPath(new URL('./fill-store.js', import.meta.url));

describe('a store on a full disk', () => {
  it('refuses what it cannot write, takes removals, closes, and has all that it acknowledged', async (context) => {
    if (process.platform === 'win32') {
      context.skip('it needs a limit on the size of files');
      return;
    }
    const folder = temporaryFolder(context);
    // 512-byte or 1 KiB blocks, by the shell; the signal for passing the limit would end the process.
    const script = 'trap "" XFSZ; ulimit -f 3000; exec "$@"';
    const words = ['-c', script, 'sh', process.execPath, filler, folder];
    const { stdout } = await promisify(execFile)('/bin/sh', words);
    const { acknowledged, refusal, readable, written } = JSON.parse(stdout);
    assert.ok(acknowledged > 20 && acknowledged < 1_000, `${acknowledged} writes were acknowledged`);
    assert.match(refusal, /UNAVAILABLE|RESOURCE_EXHAUSTED/);
    assert.equal(readable, acknowledged);
    await using store = await openStore(folder);
    assert.equal([...store.table('values').keys({})].length, acknowledged - 30 + written);
  });
});

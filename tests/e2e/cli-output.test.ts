/** What the real command writes: into pipes, terminals wide and narrow, and to a reader that goes away. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cliBin, cliMain, runCommand, startCommand } from './cli-command.ts';
import { temporaryFolder } from './standalone-process.ts';

const escapeCharacter = '\u001b';

describe('the bin', () => {
  it('runs from the folder where npx finds it', async () => {
    await using command = startCommand([cliBin, '--version']);
    const { code, stdout, stderr } = await command.exited;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe('into a pipe', () => {
  it('the command writes no colour, and JSON that parses with --json', async () => {
    const table = await runCommand(['config', '--changed'], { env: { LOG_LEVEL: 'warn' } });
    assert.equal(table.stdout, 'VARIABLE   VALUE  ORIGIN\nLOG_LEVEL  warn   environment\n');
    const json = await runCommand(['config', '--changed', '--json'], { env: { LOG_LEVEL: 'warn' } });
    assert.deepEqual(
      JSON.parse(json.stdout).settings.map(({ variable }: { readonly variable: string }) => variable),
      ['LOG_LEVEL'],
    );
  });

  it('colour comes with FORCE_COLOR', async () => {
    const { stdout } = await runCommand(['config', '--changed'], {
      env: { LOG_LEVEL: 'warn', FORCE_COLOR: '1' },
    });
    assert.ok(stdout.includes(escapeCharacter));
  });

  it('a reader that goes away ends the command with 0 and no word', async () => {
    await using command = startCommand([process.execPath, cliMain, 'config']);
    command.child.stdout?.destroy();
    const { code, stderr } = await command.exited;
    assert.deepEqual([code, stderr], [0, '']);
  });
});

describe('into a full disk', { skip: existsSync('/dev/full') ? false : 'there is no /dev/full' }, () => {
  it('the command says so in one line and exits with 1', async () => {
    const line = `exec '${process.execPath}' '${cliMain}' config > /dev/full`;
    await using command = startCommand(['sh', '-c', line]);
    const { code, stderr } = await command.exited;
    assert.equal(code, 1);
    assert.match(stderr, /^the output cannot be written: ENOSPC.*\n$/);
  });
});

// The one of util-linux; others take their arguments in another order.
const pty = spawnSync('script', ['--version'], { encoding: 'utf8' });
const noPty =
  !pty.error && pty.stdout.includes('util-linux') ? false : 'script of util-linux is not installed';

describe('on a terminal', { skip: noPty }, () => {
  async function shown(columns: number, env: Readonly<Record<string, string>>): Promise<string> {
    const line = `stty cols ${columns}; exec '${process.execPath}' '${cliMain}' config`;
    await using command = startCommand(['script', '-qec', line, '/dev/null'], {
      env: { TERM: 'xterm', ...env },
    });
    const { stdout } = await command.exited;
    return stdout.replaceAll('\r\n', '\n');
  }

  it('the command writes colour, and none with NO_COLOR', async () => {
    assert.ok((await shown(100, {})).includes(`${escapeCharacter}[1mVARIABLE`));
    assert.ok(!(await shown(100, { NO_COLOR: '1' })).includes(escapeCharacter));
  });

  it('a table is as wide as the terminal, not wider', async () => {
    const folder = '/a/very/long/path'.repeat(10);
    const lines = (await shown(60, { NO_COLOR: '1', CONNECTIONS_DATA: folder })).split('\n');
    assert.ok(lines.some((line) => line.includes('…')));
    assert.ok(
      lines.every((line) => line.length <= 60),
      lines.join('\n'),
    );
  });
});

describe('the .env file of the folder', () => {
  it('is an origin of its own, under the environment', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.env'), 'LOG_LEVEL=warn\nDRAIN_SECONDS=3\n');
    const { stdout } = await runCommand(['config', '--changed'], { folder, env: { LOG_LEVEL: 'error' } });
    assert.match(stdout, /^LOG_LEVEL +error +environment$/m);
    assert.match(stdout, /^DRAIN_SECONDS +3 +\.env file$/m);
  });

  it('that cannot be read is one line and 2', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, '.env'));
    const { code, stderr } = await runCommand(['config'], { folder });
    assert.equal(code, 2);
    assert.match(stderr, /^the \.env file in .* cannot be read \(EISDIR\): .*\n$/);
  });
});

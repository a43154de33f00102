/** Completion scripts: bash completes for real, the others are held against their shells where those are installed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cli } from './cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'connections-completion-'));
after(() => rmSync(folder, { recursive: true }));

async function scriptFor(shell: string): Promise<string> {
  const { code, stdout, stderr } = await cli(`completion ${shell}`);
  assert.equal(code, 0, stderr);
  const file = join(folder, `${shell}-script`);
  writeFileSync(file, stdout);
  return file;
}

function missing(shell: string, probe: readonly string[]): string | false {
  return spawnSync(shell, probe).error ? `${shell} is not installed` : false;
}

describe('completion bash', { skip: missing('bash', ['--version']) }, () => {
  let script: string;
  before(async () => {
    script = await scriptFor('bash');
    writeFileSync(join(folder, 'requests.json'), '');
  });

  /** What bash offers after the words, of which the last is being typed. */
  function offered(...words: readonly string[]): string[] {
    const list = ['connections', ...words].map((word) => `'${word}'`).join(' ');
    const program = `source ${script}; COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _connections
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-uc', program], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    return stdout.split('\n').filter(Boolean);
  }

  it('offers commands by what they begin with', () => {
    assert.deepEqual(offered('he'), ['health', 'help']);
    assert.deepEqual(offered('health', 'data'), ['database']);
  });

  it('offers the options of the command, and no others', () => {
    assert.deepEqual(offered('health', '--w'), ['--wait']);
    assert.deepEqual(offered('up', '--w'), []);
    assert.ok(offered('up', '').includes('--data'));
  });

  it('goes on after options and their values', () => {
    assert.deepEqual(offered('health', '--wait', '3', '--js'), ['--json']);
    // COMP_WORDBREAKS splits the address at its colon.
    assert.deepEqual(offered('health', '--database', '127.0.0.1', ':', '50050', 'mess'), ['messaging']);
  });

  it('offers the choices of arguments and nothing for a value that is free', () => {
    assert.deepEqual(offered('completion', ''), ['bash', 'zsh', 'fish', 'powershell']);
    assert.deepEqual(offered('health', '--wait', ''), []);
  });

  it('offers the commands of a group', () => {
    assert.deepEqual(offered('tasks', 'g'), ['get']);
  });

  it('offers files where a value is one', () => {
    assert.deepEqual(offered('up', '--data', 'req'), ['requests.json']);
  });
});

describe('completion zsh', () => {
  it('is a script that zsh can read', { skip: missing('zsh', ['--version']) }, async () => {
    const { status, stderr } = spawnSync('zsh', ['-n', await scriptFor('zsh')], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('describes commands and options', async () => {
    const { stdout } = await cli('completion zsh');
    assert.match(stdout, /^#compdef connections\n/);
    assert.ok(stdout.includes("'health:ask whether the services serve'"));
    assert.ok(stdout.includes("'--timeout:how long each call may take'"));
  });
});

describe('completion fish', () => {
  it('is a script that fish can read', { skip: missing('fish', ['--version']) }, async () => {
    const { status, stderr } = spawnSync('fish', ['-n', await scriptFor('fish')], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('describes commands and options', async () => {
    const { stdout } = await cli('completion fish');
    assert.ok(stdout.includes("-a 'health' -d 'ask whether the services serve'"));
    assert.ok(stdout.includes("-l 'timeout' -x"));
  });
});

describe('completion powershell', () => {
  it('is a script that PowerShell can read', { skip: missing('pwsh', ['-Version']) }, async () => {
    const { status, stderr } = spawnSync('pwsh', ['-NoProfile', '-File', await scriptFor('powershell')], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('registers a completer with every command', async () => {
    const { stdout } = await cli('completion powershell');
    assert.match(stdout, /Register-ArgumentCompleter -Native -CommandName connections /);
    assert.match(stdout, /^ {4}'tasks get' = @\(/m);
  });
});

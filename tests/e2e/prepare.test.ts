/** What `npm start` builds, and when: on a checkout of its own with a compiler that only leaves its mark. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './standalone-process.ts';

const script = fileURLToPath(new URL('../../../scripts/prepare.mjs', import.meta.url));
const compiler = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  if (process.env.BROKEN) process.exit(2);
  mkdirSync('a/dist', { recursive: true });
  writeFileSync('a/dist/tsconfig.tsbuildinfo', '');
`;

describe('prepare', () => {
  let root = '';

  beforeEach(() => {
    root = temporaryFolder();
    const files = {
      'package.json': '{ "engines": { "node": ">=20.19" } }',
      'package-lock.json': '{}',
      'tsconfig.json': '{ "references": [{ "path": "a" }] }',
      'tsconfig.base.json': '{}',
      'a/src/x.ts': '',
      'a/src/y.ts': '',
      'node_modules/.package-lock.json': '{}',
      'node_modules/typescript/bin/tsc': compiler,
    };
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    mkdirSync(join(root, 'scripts'));
    copyFileSync(script, join(root, 'scripts/prepare.mjs'));
  });

  /** What it says, and how it ends. */
  function prepare(env: Record<string, string> = {}) {
    const program = "(await import('./scripts/prepare.mjs')).prepare()";
    const args = ['--input-type=module', '-e', `await ${program}`];
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    return { status, stderr };
  }

  const built = { status: 0, stderr: 'Building (tsc -b) ...\n' };
  const ready = { status: 0, stderr: '' };

  it('builds a fresh checkout once and then has nothing to do', () => {
    assert.deepEqual(prepare(), built);
    assert.deepEqual(prepare(), ready);
  });

  it('builds again when a source is edited or removed, or its output is gone', () => {
    prepare();
    const later = new Date(Date.now() + 1_000);
    utimesSync(join(root, 'a/src/x.ts'), later, later);
    assert.deepEqual(prepare(), built);
    utimesSync(join(root, 'a/src/x.ts'), 0, 0);
    assert.deepEqual(prepare(), ready);
    rmSync(join(root, 'a/src/y.ts'));
    assert.deepEqual(prepare(), built);
    rmSync(join(root, 'a/dist'), { recursive: true });
    assert.deepEqual(prepare(), built);
  });

  it('fails with one line when the build does, and tries again the next time', () => {
    const { status, stderr } = prepare({ BROKEN: '1' });
    assert.equal(status, 1);
    assert.match(stderr, /tsc -b failed\n$/);
    assert.deepEqual(prepare(), built);
  });

  it('refuses a Node.js that is too old with one line', () => {
    writeFileSync(join(root, 'package.json'), '{ "engines": { "node": ">=99.1" } }');
    const { status, stderr } = prepare();
    assert.equal(status, 1);
    assert.equal(stderr, `Node.js 99.1 or newer is needed; this is ${process.versions.node}.\n`);
  });
});

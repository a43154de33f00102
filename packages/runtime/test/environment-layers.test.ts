/** The environment put together from layers, and the origin of each value. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defineSettings, describeSettings, loadEnvironment, setting } from '@connections/runtime';
import { layerEnvironment, readEnvFile } from '@connections/runtime/environment';

const table = defineSettings({
  folder: setting.text({ env: 'CONNECTIONS_DATA', default: '.data', doc: 'The folder.' }),
  password: setting.secret({ env: 'REDIS_PASSWORD', default: undefined, doc: 'The password.' }),
});

function temporary(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'connections-env-'));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('layerEnvironment', () => {
  it('lets the later layer win and keeps where each value was set', () => {
    const { env, origins } = layerEnvironment([
      { origin: '.env', variables: { A: 'file', B: 'file', C: 'file' } },
      { origin: 'environment', variables: { B: 'shell', C: 'shell', D: undefined } },
      { origin: 'flag', variables: { C: 'flag' } },
    ]);
    assert.deepEqual(env, { A: 'file', B: 'shell', C: 'flag' });
    assert.deepEqual(Object.fromEntries(origins), { A: '.env', B: 'environment', C: 'flag' });
  });

  it('lets empty text of a later layer unset a value', () => {
    const { env } = layerEnvironment([
      { origin: '.env', variables: { CONNECTIONS_DATA: '/file' } },
      { origin: 'environment', variables: { CONNECTIONS_DATA: '' } },
    ]);
    assert.equal(describeSettings(table, env)[0]?.origin, 'default');
  });

  it('takes a secret and its file for one setting, which the later layer decides', () => {
    const text = { origin: 'environment', variables: { REDIS_PASSWORD: 'x' } } as const;
    const file = { origin: '.env', variables: { REDIS_PASSWORD_FILE: '/nowhere' } } as const;
    assert.deepEqual(layerEnvironment([file, text]).env, { REDIS_PASSWORD: 'x' });
    assert.deepEqual(layerEnvironment([text, file]).env, { REDIS_PASSWORD_FILE: '/nowhere' });
  });

  it('leaves a secret and its file in one layer for the reader to refuse', () => {
    const variables = { REDIS_PASSWORD: 'x', REDIS_PASSWORD_FILE: '/nowhere' };
    assert.deepEqual(layerEnvironment([{ origin: 'environment', variables }]).env, variables);
  });
});

describe('describeSettings', () => {
  it('tells a value of the .env file from one of the shell', () => {
    const { env, origins } = layerEnvironment([
      { origin: '.env', variables: { CONNECTIONS_DATA: '/file' } },
      { origin: 'environment', variables: { REDIS_PASSWORD: 'x' } },
    ]);
    assert.deepEqual(
      describeSettings(table, env, origins).map(({ origin }) => origin),
      ['.env', 'environment'],
    );
  });
});

describe('readEnvFile', () => {
  it('reads the variables of a folder, and none where there is no file', () => {
    temporary((folder) => {
      assert.deepEqual(readEnvFile(folder), {});
      writeFileSync(join(folder, '.env'), '# a comment\nA=1\nB="two words"\nexport C=3\n');
      assert.deepEqual({ ...readEnvFile(folder) }, { A: '1', B: 'two words', C: '3' });
    });
  });

  it('fails when the file cannot be read', () => {
    temporary((folder) => {
      mkdirSync(join(folder, '.env'));
      assert.throws(() => readEnvFile(folder), { code: 'EISDIR' });
    });
  });
});

describe('loadEnvironment', () => {
  it('adds what the file sets to the process, below what the shell has set', () => {
    temporary((folder) => {
      writeFileSync(join(folder, '.env'), 'CONNECTIONS_TEST_A=file\nCONNECTIONS_TEST_B=file\n');
      process.env.CONNECTIONS_TEST_A = 'shell';
      try {
        loadEnvironment(folder);
        assert.deepEqual([process.env.CONNECTIONS_TEST_A, process.env.CONNECTIONS_TEST_B], ['shell', 'file']);
      } finally {
        delete process.env.CONNECTIONS_TEST_A;
        delete process.env.CONNECTIONS_TEST_B;
      }
    });
  });
});

/** `config` and the flags of `up`: what wins, where it comes from, nothing secret. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Environment } from '@connections/runtime';
import { cli } from './cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'connections-config-'));
after(() => rmSync(folder, { recursive: true }));
const secretFile = join(folder, 'password');
writeFileSync(secretFile, 'hunter2\n');

interface Shown {
  readonly variable: string;
  readonly value: string;
  readonly origin: string;
}

async function shown(line: string, options: Parameters<typeof cli>[1]): Promise<Map<string, Shown>> {
  const { code, stdout, stderr } = await cli(`${line} --json`, options);
  assert.equal(code, 0, stderr);
  const { settings }: { readonly settings: readonly Shown[] } = JSON.parse(stdout);
  return new Map(settings.map((setting) => [setting.variable, setting]));
}

describe('config', () => {
  it('names the origin of every value: flag, environment, .env file, secret file, default', async () => {
    const settings = await shown('config --data /flag --set SLOW_CALL_MS=7', {
      env: { CONNECTIONS_DATA: '/shell', DRAIN_SECONDS: '3', REDIS_PASSWORD_FILE: secretFile },
      envFile: { CONNECTIONS_DATA: '/file', DRAIN_SECONDS: '4', LOG_LEVEL: 'warn' },
    });
    const row = (variable: string) => {
      const { value, origin } = settings.get(variable) ?? {};
      return [value, origin];
    };
    assert.deepEqual(row('CONNECTIONS_DATA'), ['/flag', 'flag']);
    assert.deepEqual(row('SLOW_CALL_MS'), ['7', 'flag']);
    assert.deepEqual(row('DRAIN_SECONDS'), ['3', 'environment']);
    assert.deepEqual(row('LOG_LEVEL'), ['warn', '.env']);
    assert.deepEqual(row('REDIS_PASSWORD'), ['********', 'file']);
    assert.deepEqual(row('DATABASE_CONNECTION_PORT'), ['50050', 'default']);
  });

  it('lists every setting once, and with --changed only what is not the default', async () => {
    const all = await cli('config --json');
    const variables = (JSON.parse(all.stdout).settings as readonly Shown[]).map(({ variable }) => variable);
    assert.equal(new Set(variables).size, variables.length);
    assert.ok(variables.length > 40);
    const { stdout } = await cli('config --changed', { env: { LOG_LEVEL: 'warn' } });
    assert.match(stdout, /^VARIABLE +VALUE +ORIGIN\nLOG_LEVEL +warn +environment\n$/);
  });

  it('shows the store that a port comes to by the host of a server, its password masked', async () => {
    const { stdout } = await cli('config --changed', {
      env: { REDIS_HOST: 'redis', REDIS_PASSWORD: 's3cret' },
    });
    assert.match(stdout, /^DATABASE_CACHE_URL +redis:\/\/:\*{8}@redis:6379\/0 +by REDIS_HOST$/m);
    assert.doesNotMatch(stdout, /s3cret|DATABASE_TASKS_URL/);
  });

  it('is empty JSON, or a note, when nothing is changed', async () => {
    assert.equal((await cli('config --changed --json')).stdout, '{\n  "settings": []\n}\n');
    const { code, stdout, stderr } = await cli('config --changed');
    assert.deepEqual([code, stdout, stderr], [0, '', 'every setting is at its default\n']);
  });

  it('prints no secret, wherever it comes from and even where it is wrong', async () => {
    const secrets = { REDIS_PASSWORD: 's3cret-a', DATABASE_CACHE_URL: 'redis://me:s3cret-b@host:1' };
    for (const line of ['config', 'config --json', 'up --print-config']) {
      const { stdout, stderr } = await cli(`${line} --set RABBITMQ_PASSWORD=s3cret-c`, {
        env: { ...secrets, MONGO_INITDB_ROOT_PASSWORD_FILE: secretFile },
      });
      assert.doesNotMatch(stdout + stderr, /s3cret|hunter2/, line);
      assert.match(stdout, /redis:\/\/me:\*{8}@host:1/, line);
    }
  });

  it('repeats nothing of a --set that it does not understand', async () => {
    const { code, stdout, stderr } = await cli('config --set REDIS-PASSWORD=s3cret');
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^option '--set <NAME=value>' is invalid, expected NAME=value: .*\n$/);
  });

  it('shows values that are not valid, then says what is wrong with each, and exits with 2', async () => {
    const { code, stdout, stderr } = await cli('config --database-port fifty', {
      env: { LOG_LEVEL: 'loud', CONNECTIONS_DTA: 'x' },
    });
    assert.equal(code, 2);
    assert.match(stdout, /^LOG_LEVEL +loud +environment$/m);
    assert.match(stdout, /^DATABASE_CONNECTION_PORT +fifty +flag$/m);
    assert.deepEqual(stderr.trimEnd().split('\n').sort(), [
      'CONNECTIONS_DTA: no such setting; did you mean CONNECTIONS_DATA?',
      'DATABASE_CONNECTION_PORT is "fifty", expected a port from 0 to 65535',
      'LOG_LEVEL is "loud", expected one of debug, info, warn, error, silent',
    ]);
  });

  it('is printed the same by `config --print-config` and `up --print-config`', async () => {
    const options = { env: { LOG_LEVEL: 'warn' } };
    const { stdout } = await cli('config --data /x', options);
    assert.equal((await cli('config --data /x --print-config', options)).stdout, stdout);
    assert.equal((await cli('up --data /x --print-config', options)).stdout, stdout);
  });

  it('knows no setting of another name', async () => {
    const near = await cli('config --set SLOW_CALLS_MS=1');
    assert.deepEqual(
      [near.code, near.stderr],
      [2, 'there is no setting SLOW_CALLS_MS: did you mean SLOW_CALL_MS?\n'],
    );
    assert.equal((await cli('up --set WHATEVER=1')).code, 2);
  });
});

describe('up', () => {
  async function environmentOf(line: string, options: Parameters<typeof cli>[1] = {}): Promise<Environment> {
    let given: Environment = {};
    const { code, stderr } = await cli(line, {
      ...options,
      serve: async (env) => {
        given = env;
      },
    });
    assert.equal(code, 0, stderr);
    return given;
  }

  it('hands its flags over as environment, which win over the shell, that over .env', async () => {
    const env = await environmentOf(
      'up --host 0.0.0.0 --database-port 1 --messaging-port 2 --data d --cache-url embedded: --schemas-url embedded: ' +
        '--tasks-url embedded: --tasks-view-url none: --broker-url embedded: --log-level warn --database-http-port 3 --messaging-http-port 4',
      {
        env: { DATABASE_CONNECTION_PORT: '9', DRAIN_SECONDS: '1' },
        envFile: { DRAIN_SECONDS: '2', SLOW_CALL_MS: '5' },
      },
    );
    assert.deepEqual(
      { ...env },
      {
        DATABASE_CONNECTION_HOST: '0.0.0.0',
        MESSAGING_CONNECTION_HOST: '0.0.0.0',
        DATABASE_CONNECTION_PORT: '1',
        MESSAGING_CONNECTION_PORT: '2',
        DATABASE_HTTP_PORT: '3',
        MESSAGING_HTTP_PORT: '4',
        CONNECTIONS_DATA: 'd',
        DATABASE_CACHE_URL: 'embedded:',
        DATABASE_SCHEMAS_URL: 'embedded:',
        DATABASE_TASKS_URL: 'embedded:',
        DATABASE_TASKS_VIEW_URL: 'none:',
        MESSAGING_BROKER_URL: 'embedded:',
        LOG_LEVEL: 'warn',
        DRAIN_SECONDS: '1',
        SLOW_CALL_MS: '5',
      },
    );
  });

  it('takes --set more than once, with = in the value', async () => {
    const env = await environmentOf('up --set RABBITMQ_PASSWORD=a=b --set DRAIN_SECONDS=1');
    assert.deepEqual({ ...env }, { RABBITMQ_PASSWORD: 'a=b', DRAIN_SECONDS: '1' });
  });

  it('lets a secret by flag win over the file that the environment names', async () => {
    const env = await environmentOf('up --set REDIS_PASSWORD=x', {
      env: { REDIS_PASSWORD_FILE: secretFile },
    });
    assert.deepEqual({ ...env }, { REDIS_PASSWORD: 'x' });
  });
});

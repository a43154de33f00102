/** Settings: everything that is wrong at once, nothing secret shown. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  defineSettings,
  describeSettings,
  readAllSettings,
  readSettings,
  SettingsError,
  setting,
  sidePortAddress,
} from '@connections/runtime';

const table = defineSettings({
  port: setting.port({ env: 'DATABASE_CONNECTION_PORT', default: 50050, doc: 'The port.' }),
  folder: setting.text({ env: 'CONNECTIONS_DATA', default: '.data', doc: 'The folder.' }),
  password: setting.secret({ env: 'REDIS_PASSWORD', default: undefined, doc: 'The password.' }),
  ttl: setting.seconds({ env: 'DEFAULT_TTL_SECONDS', default: 1_800, min: 1, max: 100_000, doc: 'The TTL.' }),
  size: setting.bytes({
    env: 'MAX_VALUE_BYTES',
    default: 2 ** 20,
    min: 1,
    max: 3 * 2 ** 20,
    doc: 'The size.',
  }),
  sync: setting.choice({
    env: 'EMBEDDED_SYNC',
    choices: ['second', 'always'],
    default: 'second',
    doc: 'The sync.',
  }),
  debug: setting.boolean({ env: 'DATABASE_CONNECTION_DEBUG', default: false, doc: 'Debug.' }),
  cache: setting.url({
    env: 'CONNECTIONS_CACHE_URL',
    default: 'embedded:',
    schemes: ['embedded:', 'redis:'],
    doc: 'The cache.',
  }),
});

function problemsOf(env: Record<string, string>): string[] {
  try {
    readSettings(table, env);
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.message.split('\n');
  }
  return [];
}

describe('readSettings', () => {
  it('gives every default in a frozen object when nothing is set', () => {
    const settings = readSettings(table, {});
    assert.deepEqual(settings, {
      port: 50050,
      folder: '.data',
      password: undefined,
      ttl: 1_800,
      size: 2 ** 20,
      sync: 'second',
      debug: false,
      cache: 'embedded:',
    });
    assert.ok(Object.isFrozen(settings));
  });

  it('reads each kind of value from its text', () => {
    const settings = readSettings(table, {
      DATABASE_CONNECTION_PORT: '0',
      CONNECTIONS_DATA: '/var/lib/connections',
      REDIS_PASSWORD: ' with spaces ',
      DEFAULT_TTL_SECONDS: '60',
      MAX_VALUE_BYTES: '512 KiB',
      EMBEDDED_SYNC: 'always',
      DATABASE_CONNECTION_DEBUG: 'True',
      CONNECTIONS_CACHE_URL: 'redis://localhost:6379/0',
    });
    assert.deepEqual(Object.values(settings), [
      0,
      '/var/lib/connections',
      ' with spaces ',
      60,
      512 * 1_024,
      'always',
      true,
      'redis://localhost:6379/0',
    ]);
  });

  it('takes empty text for unset', () => {
    assert.equal(readSettings(table, { DATABASE_CONNECTION_PORT: '' }).port, 50050);
    assert.equal(readSettings(table, { REDIS_PASSWORD: '', REDIS_PASSWORD_FILE: '' }).password, undefined);
  });

  it('lists every problem at once, with the variable, the value and what is expected', () => {
    assert.deepEqual(
      problemsOf({
        DATABASE_CONNECTION_PORT: '70000',
        DEFAULT_TTL_SECONDS: '1.5',
        MAX_VALUE_BYTES: '4MiB',
        EMBEDDED_SYNC: 'never',
        DATABASE_CONNECTION_DEBUG: 'perhaps',
        CONNECTIONS_CACHE_URL: 'ftp://x',
      }),
      [
        'DATABASE_CONNECTION_PORT is "70000", expected a port from 0 to 65535',
        'DEFAULT_TTL_SECONDS is "1.5", expected whole seconds from 1 to 100000',
        'MAX_VALUE_BYTES is "4MiB", expected bytes from 1 to 3 MiB',
        'EMBEDDED_SYNC is "never", expected one of second, always',
        'DATABASE_CONNECTION_DEBUG is "perhaps", expected true or false',
        'CONNECTIONS_CACHE_URL is "ftp://x", expected a valid URL that starts with embedded: or redis:',
      ],
    );
  });

  it('refuses numbers that only look like one', () => {
    for (const text of ['1e3', '0x10', ' 5', '5 ', 'NaN', '٣', '--1', '9'.repeat(400)]) {
      assert.equal(problemsOf({ DATABASE_CONNECTION_PORT: text }).length, 1, text);
    }
  });

  it('shows no password in what it says of a value that is not valid', () => {
    assert.deepEqual(problemsOf({ CONNECTIONS_CACHE_URL: 'http://me:s3cret@host' }), [
      'CONNECTIONS_CACHE_URL is "http://me:********@host", expected a valid URL that starts with embedded: or redis:',
    ]);
    for (const url of [
      'redis://me:s3/c#r?e@t@host',
      'redis://me:not s3"cret\n@host',
      'mongo://host/?proxyPassword=s3cret&a=b',
      'mongo://host/?a=b&authMechanismProperties=AWS_SESSION_TOKEN:s3cret',
    ]) {
      assert.doesNotMatch(problemsOf({ CONNECTIONS_CACHE_URL: url }).join(), /s3/, url);
    }
    assert.doesNotMatch(problemsOf({ REDIS_PASSWORD: 's3cret', REDIS_PASSWORD_FILE: 'x' }).join(), /s3cret/);
  });

  it('hints at the nearest name for a misspelt variable of ours', () => {
    assert.deepEqual(problemsOf({ CONNECTIONS_DTA: 'x' }), [
      'CONNECTIONS_DTA: no such setting; did you mean CONNECTIONS_DATA?',
    ]);
  });

  it('leaves alone variables that come near none of ours', () => {
    assert.deepEqual(
      problemsOf({ DATABASE_URL: 'postgres://x', DATABASE_SERVICE_HOST: 'y', PATHH: 'z' }),
      [],
    );
  });

  it('knows the variables of tables that are read elsewhere', () => {
    const env = { DATABASE_CONNECTION_POST: 'x' };
    assert.throws(() => readSettings(table, env), SettingsError);
    assert.doesNotThrow(() => readSettings(table, env, ['DATABASE_CONNECTION_POST']));
  });
});

describe('secrets in files', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'password');
  writeFileSync(file, 's3cret\n');

  it('are read without the last line break', () => {
    assert.equal(readSettings(table, { REDIS_PASSWORD_FILE: file }).password, 's3cret');
  });

  it('must be readable', () => {
    assert.deepEqual(problemsOf({ REDIS_PASSWORD_FILE: '/no/such' }), [
      'REDIS_PASSWORD_FILE is "/no/such", expected a file that can be read',
    ]);
  });

  it('are refused beside the variable itself', () => {
    assert.deepEqual(problemsOf({ REDIS_PASSWORD: 'a', REDIS_PASSWORD_FILE: file }), [
      'REDIS_PASSWORD: set it or REDIS_PASSWORD_FILE, not both',
    ]);
  });
});

describe('readAllSettings', () => {
  const other = defineSettings({
    port: setting.port({ env: 'MESSAGING_CONNECTION_PORT', default: 50055, doc: 'The port.' }),
    folder: table.folder,
  });

  it('reads tables that share rows, each under its own name', () => {
    const settings = readAllSettings({ database: table, messaging: other }, { CONNECTIONS_DATA: 'd' });
    assert.equal(settings.database.folder, 'd');
    assert.equal(settings.messaging.folder, 'd');
    assert.equal(settings.messaging.port, 50055);
  });

  it('reports the problems of all tables together', () => {
    const env = {
      DATABASE_CONNECTION_PORT: 'a',
      MESSAGING_CONNECTION_PORT: 'b',
      MESSAGING_CONNECTION_PORTS: '1',
    };
    assert.throws(
      () => readAllSettings({ database: table, messaging: other }, env),
      (error) => error instanceof SettingsError && error.problems.length === 3,
    );
  });
});

describe('describeSettings', () => {
  it('shows value and origin and masks what is secret', () => {
    const env = {
      REDIS_PASSWORD: 's3cret',
      CONNECTIONS_CACHE_URL: 'redis://me:s3cret@host/0',
      CONNECTIONS_DATA: 'd',
    };
    const shown = new Map(describeSettings(table, env).map((row) => [row.env, [row.value, row.origin]]));
    assert.deepEqual(shown.get('REDIS_PASSWORD'), ['********', 'environment']);
    assert.deepEqual(shown.get('CONNECTIONS_CACHE_URL'), ['redis://me:********@host/0', 'environment']);
    assert.deepEqual(shown.get('CONNECTIONS_DATA'), ['d', 'environment']);
    assert.deepEqual(shown.get('MAX_VALUE_BYTES'), ['1 MiB', 'default']);
  });

  it('shows a value that is not valid as it was given', () => {
    const [port] = describeSettings(table, { DATABASE_CONNECTION_PORT: 'abc' });
    assert.equal(port?.value, 'abc');
    const url = describeSettings(
      { cache: table.cache },
      { CONNECTIONS_CACHE_URL: 'http://me:s3cret@host' },
    )[0];
    assert.equal(url?.value, 'http://me:********@host');
  });
});

describe('the address of a side port', () => {
  const settings = { host: '127.0.0.1', port: 50_050, httpHost: undefined, httpPort: undefined };
  const address = (changes = {}) => {
    const { host, port } = sidePortAddress({ ...settings, ...changes }, 'DATABASE_HTTP_PORT');
    return `${host}:${port}`;
  };

  it('is that of the service with the next port, unless it is told', () => {
    assert.equal(address(), '127.0.0.1:50051');
    assert.equal(address({ httpHost: '0.0.0.0', httpPort: 9_090 }), '0.0.0.0:9090');
  });

  it('has a free port where the service has one, or where there is no next one', () => {
    assert.equal(address({ port: 0 }), '127.0.0.1:0');
    assert.equal(address({ httpPort: 0 }), '127.0.0.1:0');
    assert.equal(address({ port: 65_535 }), '127.0.0.1:0');
  });
});

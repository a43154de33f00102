/** What a folder must hold to be opened: damaged, half-made and foreign ones are refused, never started empty. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type EmbeddedStore, type Migration, openEmbeddedStore, tupleKey } from '../src/index.ts';
import { openStore, product, temporaryFolder } from './temporary-store.ts';

const holder = fileURLToPath(new URL('./hold-store.js', import.meta.url));
const noProcFolder = !existsSync('/proc/self') && 'there is no /proc here';

async function filledFolder(context: TestContext, kib = 600): Promise<string> {
  const folder = temporaryFolder(context);
  const store = await openStore(folder);
  const table = store.table<{ text: string }>('values');
  await store.write(() => {
    for (let index = 0; index < kib; index++) table.put(tupleKey('v', index), { text: 'x'.repeat(1_000) });
  });
  await store[Symbol.asyncDispose]();
  return folder;
}

const dataFile = (folder: string) => join(folder, 'store.mdb');

function overwrite(path: string, offset: number, bytes: Buffer): void {
  const content = readFileSync(path);
  bytes.copy(content, offset);
  writeFileSync(path, content);
}

const damages: Record<string, (path: string) => void> = {
  'cut to half': (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  'cut by its last page in use': (path) => truncateSync(path, statSync(path).size - 3 * 4_096),
  'cut in its first page': (path) => truncateSync(path, 100),
  'cut behind its first page': (path) => truncateSync(path, 4_096),
  empty: (path) => truncateSync(path, 0),
  'random bytes': (path) => writeFileSync(path, randomBytes(statSync(path).size)),
  'all zeros': (path) => writeFileSync(path, Buffer.alloc(statSync(path).size)),
  'with a zeroed header': (path) => overwrite(path, 0, Buffer.alloc(4_096)),
  'with both headers zeroed': (path) => overwrite(path, 0, Buffer.alloc(8_192)),
  'random from its third page on': (path) => overwrite(path, 8_192, randomBytes(statSync(path).size - 8_192)),
  'random in the middle': (path) =>
    overwrite(path, Math.floor(statSync(path).size / 2), randomBytes(statSync(path).size / 4)),
  text: (path) => writeFileSync(path, 'this is no store\n'.repeat(10_000)),
};

describe('a data file', () => {
  for (const [title, damage] of Object.entries(damages)) {
    it(`that is ${title} is refused with the way out and left as it is`, async (context) => {
      const folder = await filledFolder(context);
      damage(dataFile(folder));
      const before = readFileSync(dataFile(folder));
      await assert.rejects(openStore(folder), {
        name: 'DataFolderError',
        code: 'CORRUPT',
        message:
          /^[^\n]*store\.mdb is damaged \([^\n]*\): restore the folder from a backup, or move it away[^\n]*$/,
      });
      assert.ok(readFileSync(dataFile(folder)).equals(before));
    });
  }

  it('that is missing is refused', async (context) => {
    const folder = await filledFolder(context);
    rmSync(dataFile(folder));
    await assert.rejects(openStore(folder), { code: 'CORRUPT', message: /lacks its store\.mdb: restore/ });
    assert.ok(!existsSync(dataFile(folder)));
  });

  it('without format.json is refused', async (context) => {
    const folder = await filledFolder(context);
    rmSync(join(folder, 'format.json'));
    await assert.rejects(openStore(folder), { code: 'CORRUPT', message: /no format\.json: restore/ });
  });

  it('of another folder is refused', async (context) => {
    const folder = await filledFolder(context);
    copyFileSync(dataFile(await filledFolder(context)), dataFile(folder));
    await assert.rejects(openStore(folder), { code: 'CORRUPT', message: /not of one store/ });
  });

  it('from which everything was removed is opened, however short it is', async (context) => {
    const folder = await filledFolder(context);
    for (let round = 0; round < 4; round++) {
      const store = await openStore(folder);
      const table = store.table('values');
      await store.write(() => {
        for (const key of table.keys({})) table.remove(key);
      });
      await store[Symbol.asyncDispose]();
    }
  });

  it('is opened again within 300 ms when it holds 64 MiB', async (context) => {
    const folder = await filledFolder(context, 65_536);
    const start = performance.now();
    await using _store = await openStore(folder);
    assert.ok(performance.now() - start < 300);
  });
});

describe('a folder whose making was interrupted', () => {
  const stages: Record<string, (folder: string) => void> = {
    'before there was data': (folder) => rmSync(dataFile(folder)),
    'while the data file was made': (folder) => truncateSync(dataFile(folder), 5_000),
    'before the data file was noted as whole': () => {},
  };
  for (const [title, interrupt] of Object.entries(stages)) {
    it(`${title} is made anew`, async (context) => {
      const folder = temporaryFolder(context);
      await (await openStore(folder))[Symbol.asyncDispose]();
      const path = join(folder, 'format.json');
      const format = JSON.parse(readFileSync(path, 'utf8'));
      writeFileSync(path, JSON.stringify({ ...format, complete: false }));
      writeFileSync(join(folder, 'format.json.tmp'), '{"prod');
      interrupt(folder);
      await (await openStore(folder))[Symbol.asyncDispose]();
      await using _again = await openStore(folder);
      assert.equal(JSON.parse(readFileSync(path, 'utf8')).complete, true);
    });
  }
});

describe('format.json', () => {
  it('that is not ours is refused', async (context) => {
    for (const text of ['', '{', '[]', 'null', '{"product":"x"}', '{"product":1,"storeId":"","format":0}']) {
      const folder = await filledFolder(context, 1);
      writeFileSync(join(folder, 'format.json'), text);
      await assert.rejects(openStore(folder), { code: 'FORMAT_UNREADABLE', message: /restore it/ });
    }
  });

  it('of another product is refused', async (context) => {
    const folder = await filledFolder(context, 1);
    await assert.rejects(openStore(folder, { product: 'another' }), {
      code: 'FORMAT_UNREADABLE',
      message: /belongs to test-product, not to another/,
    });
  });

  it('of a newer format is refused', async (context) => {
    const folder = temporaryFolder(context);
    const migrations = [{ to: 2, prepare: () => () => {} }];
    await (await openStore(folder, { format: 2, migrations }))[Symbol.asyncDispose]();
    const newer = { code: 'NEWER_FORMAT', message: /has format 2, newer than 1, / };
    await assert.rejects(openStore(folder), newer);
    // A restored format.json does not hide what the data file is.
    const path = join(folder, 'format.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), format: 1 }));
    await assert.rejects(openStore(folder), newer);
  });

  it('whose lock file cannot be opened is refused, and LMDB not left to crash on it', async (context) => {
    const folder = await filledFolder(context, 10);
    rmSync(`${dataFile(folder)}-lock`);
    mkdirSync(`${dataFile(folder)}-lock`);
    await assert.rejects(openStore(folder), { code: 'NOT_WRITABLE' });
  });

  it('in a folder that cannot be made is refused', async (context) => {
    const folder = temporaryFolder(context);
    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(openStore(join(folder, 'file', 'data')), { code: 'NOT_WRITABLE' });
    if (process.getuid?.() === 0) return;
    chmodSync(folder, 0o500);
    await assert.rejects(openStore(folder), { code: 'NOT_WRITABLE' });
    chmodSync(folder, 0o700);
  });

  it('in a file system that makes no folders is refused at once', { skip: noProcFolder }, () => {
    const { stdout } = spawnSync(process.execPath, [holder, '/proc/connections/data'], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    assert.match(
      stdout,
      /^DataFolderError: the data folder \/proc\/connections\/data cannot be written \(.*\n$/,
    );
  });

  it('does not hinder that the folder is moved', async (context) => {
    const folder = await filledFolder(context, 1);
    const moved = `${folder}.moved`;
    context.after(() => rmSync(moved, { recursive: true, force: true }));
    renameSync(folder, moved);
    await using store = await openStore(moved);
    assert.equal([...store.table('values').keys({})].length, 1);
  });
});

describe('migrations', () => {
  const append = (to: number, fails = false): Migration => ({
    to,
    prepare(store: EmbeddedStore) {
      const table = store.table<string>('log');
      return () => {
        table.put(tupleKey('log'), `${table.get(tupleKey('log')) ?? ''}${to}`);
        if (fails) throw new Error(`migration ${to} failed`);
      };
    },
  });
  const open = (folder: string, format: number, migrations: readonly Migration[]) =>
    openEmbeddedStore({ folder, product, format, migrations });

  it('run once, in order, and not in a new folder', async (context) => {
    const folder = temporaryFolder(context);
    await (await open(folder, 2, [append(2)]))[Symbol.asyncDispose]();
    for (let round = 0; round < 2; round++) {
      await using store = await open(folder, 4, [append(4), append(2), append(3)]);
      assert.equal(store.table('log').get(tupleKey('log')), '34');
    }
    assert.equal(JSON.parse(readFileSync(join(folder, 'format.json'), 'utf8')).format, 4);
  });

  it('leave the step before when one fails, and go on from there', async (context) => {
    const folder = temporaryFolder(context);
    await (await open(folder, 1, []))[Symbol.asyncDispose]();
    await assert.rejects(open(folder, 3, [append(2), append(3, true)]), /migration 3 failed/);
    await using store = await open(folder, 3, [append(2), append(3)]);
    assert.equal(store.table('log').get(tupleKey('log')), '23');
  });
});

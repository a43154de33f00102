/** Looking at a data folder tells what opening it would, and leaves it as it is. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { inspectFolder } from '../src/index.ts';
import { openStore, product, temporaryFolder } from './temporary-store.ts';

const kind = { product, format: 1 };

async function closedStore(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context);
  await (await openStore(folder))[Symbol.asyncDispose]();
  return folder;
}

describe('a data folder that is looked at', () => {
  it('is not made when it is missing', (context) => {
    const folder = join(temporaryFolder(context), 'a/b');
    assert.deepEqual(inspectFolder({ folder, ...kind }), {
      folder,
      holdsData: false,
      inUse: false,
      problem: undefined,
    });
    assert.equal(existsSync(join(folder, '..')), false);
  });

  it('is fine with a store in it, and keeps every byte and the claim of a dead process', async (context) => {
    const folder = await closedStore(context);
    const claim = join(folder, 'owner-000000000000001-00000000-0000-4000-8000-000000000000.json');
    writeFileSync(claim, '');
    const content = () =>
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('hex')]);
    const before = content();
    const { holdsData, inUse, problem } = inspectFolder({ folder, ...kind });
    assert.deepEqual([holdsData, inUse, problem], [true, false, undefined]);
    assert.deepEqual(content(), before);
  });

  it('is in use while a store is open', async (context) => {
    const folder = temporaryFolder(context);
    await using _store = await openStore(folder);
    const { inUse, problem } = inspectFolder({ folder, ...kind });
    assert.equal(inUse, true);
    assert.match(problem ?? '', new RegExp(`in use by process ${process.pid}: stop that process`));
  });

  const damages: readonly [string, (folder: string) => void][] = [
    ['another product', (folder) => rewrite(folder, '"test-product"', '"other"')],
    ['a newer format', (folder) => rewrite(folder, '"format": 1', '"format": 2')],
    ['a format file that is not ours', (folder) => writeFileSync(join(folder, 'format.json'), '{')],
    ['a store that is cut off', (folder) => truncateSync(join(folder, 'store.mdb'), 100)],
  ];
  for (const [what, damage] of damages) {
    it(`has the problem that a start would have: ${what}`, async (context) => {
      const folder = await closedStore(context);
      damage(folder);
      const { problem } = inspectFolder({ folder, ...kind });
      assert.ok(problem);
      await assert.rejects(openStore(folder), { message: problem });
    });
  }
});

function rewrite(folder: string, from: string, to: string): void {
  const path = join(folder, 'format.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

/** An import page by page, on a modelled Redis and a modelled authority. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure } from '@connections/runtime/errors';
import type { LegacyHash, LegacyTasks } from '../src/port/legacy-tasks.ts';
import type { AdoptedTask, TaskAdoption } from '../src/port/task-adoption.ts';
import { LegacyImport } from '../src/service/legacy-import.ts';
import { seed } from './legacy-seeds.ts';
import { refuses, startDatabase } from './v1-database.ts';

const { signal } = new AbortController();
const hash = (change: Readonly<Record<string, string>> = {}): LegacyHash => ({
  outcome: 'FOUND',
  fields: new Map(Object.entries(seed(change))),
});

function world(hashes: ReadonlyMap<string, LegacyHash>, { known = [] as string[], pageSize = 1_000 } = {}) {
  const keys = [...hashes.keys()];
  const there = new Set(known);
  const adopted = new Map<string, AdoptedTask>();
  const open = { now: 0, most: 0 };
  const legacy: LegacyTasks = {
    async page(after) {
      const from = Number(after ?? 0);
      const to = from + pageSize;
      return { keys: keys.slice(from, to), next: to < keys.length ? String(to) : undefined };
    },
    async read(key, maxBytes) {
      const found = hashes.get(key) ?? { outcome: 'GONE' };
      const bytes = found.outcome === 'FOUND' ? [...found.fields].flat().join('').length : 0;
      return bytes > maxBytes ? { outcome: 'LARGE' } : found;
    },
  };
  const adoption: TaskAdoption = {
    look: async (refs) => refs.map(({ id }) => (there.has(id) ? 'KNOWN' : 'MISSING')),
    async adopt({ id }, task) {
      open.now++;
      open.most = Math.max(open.most, open.now);
      await new Promise(setImmediate);
      open.now--;
      if (there.has(id)) return 'KNOWN';
      there.add(id);
      adopted.set(id, task);
      return 'ADOPTED';
    },
  };
  return { legacy, adoption, adopted, there, open, service: new LegacyImport({ legacy, adoption }) };
}

const hashesOf = (count: number, each = hash()) =>
  new Map(Array.from({ length: count }, (_, at) => [`c:task:${at}`, each] as const));

describe('an import', () => {
  it('changes nothing unless it is applied', async () => {
    const { service, adopted } = world(hashesOf(3), { known: ['1'] });
    const page = await service.page({ apply: false, pageToken: '' }, 'ann', signal);
    assert.deepEqual(page, {
      ...{ known: 1, removed: 0, imported: 2, unreadable: 0 },
      ...{ problems: [], nextPageToken: '' },
    });
    assert.equal(adopted.size, 0);
  });

  it('goes on from page to page, for runs of its kind alone', async () => {
    const { service, adopted } = world(hashesOf(5), { pageSize: 2 });
    const first = await service.page({ apply: true, pageToken: '' }, 'ann', signal);
    const { nextPageToken: pageToken } = first;
    const other = service.page({ apply: false, pageToken }, 'ann', signal);
    await refuses(other, 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
    await service.page({ apply: true, pageToken }, 'ann', signal);
    assert.deepEqual([...adopted.keys()], ['0', '1', '2', '3']);
    assert.equal(adopted.get('0')?.principal, 'ann');
  });

  it('asks for the same under the same id, and for each task under its own', async () => {
    const runs = [world(hashesOf(2)), world(hashesOf(2))];
    for (const { service } of runs) await service.page({ apply: true, pageToken: '' }, 'ann', signal);
    const [first, second] = runs.map(({ adopted }) =>
      [...adopted.values()].map(({ requestId }) => requestId),
    );
    assert.deepEqual(first, second);
    assert.equal(new Set(first).size, 2);
  });

  it('does a few at a time, and large ones one by one', async () => {
    const small = world(hashesOf(200));
    await small.service.page({ apply: true, pageToken: '' }, 'ann', signal);
    assert.ok(small.open.most > 1 && small.open.most <= 32, `${small.open.most}`);
    const large = world(hashesOf(5, hash({ message: 'm'.repeat(100_000) })));
    const { imported } = await large.service.page({ apply: true, pageToken: '' }, 'ann', signal);
    assert.deepEqual([imported, large.open.most], [5, 1]);
  });

  it('stops at the first failure, and goes on when it is repeated', async () => {
    const { service, legacy, adoption, there } = world(hashesOf(200));
    let left = 50;
    const lost: TaskAdoption = {
      ...adoption,
      adopt: (...call) => {
        if (left-- > 0) return adoption.adopt(...call);
        return Promise.reject(failure('STORE_UNREACHABLE', { store: 'task' }));
      },
    };
    const failing = new LegacyImport({ legacy, adoption: lost });
    const run = failing.page({ apply: true, pageToken: '' }, 'ann', signal);
    await refuses(run, 'UNAVAILABLE', 'STORE_UNREACHABLE');
    assert.equal(there.size, 50);
    const { known, imported } = await service.page({ apply: true, pageToken: '' }, 'ann', signal);
    assert.deepEqual([known, imported], [50, 150]);
  });

  it('counts what is gone meanwhile as nothing, and tells of the first hundred that are unreadable', async () => {
    const hashes = new Map<string, LegacyHash>([
      ...hashesOf(150, { outcome: 'UNREADABLE', problem: 'why' }),
      ['c:task:gone', { outcome: 'GONE' }],
      [`c:task:${'é'.repeat(300)}\u{1f600}`, hash()],
    ]);
    const { service } = world(hashes);
    const { problems, ...counts } = await service.page({ apply: true, pageToken: '' }, 'ann', signal);
    assert.deepEqual(counts, { known: 0, removed: 0, imported: 0, unreadable: 151, nextPageToken: '' });
    assert.deepEqual([problems.length, problems[0]], [100, { key: 'c:task:0', problem: 'why' }]);
  });
});

it('is UNIMPLEMENTED where tasks are in one store', async () => {
  await using database = await startDatabase();
  const asked = database.tasks.importLegacyTasks({});
  await refuses(asked, 'UNIMPLEMENTED', 'LEGACY_IMPORT_UNSUPPORTED');
});

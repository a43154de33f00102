/** `connections export` and `connections import` as processes, between services that really run. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cli } from './cli-run.ts';
import {
  type DefinedServices,
  definitions,
  definitionsFile,
  schema,
  startDefinedServices,
} from './definitions-bench.ts';

const hostile = 'a/../"quoted" \u202e\u009b31m ü 漢 __proto__';
const hostileDocument = '{ "title": "\u202e\\u001b \u2028",\n\t"const": 12345678901234567890.10 }';

describe('connections export and import', () => {
  const { folder, file, save } = definitionsFile();
  let source: DefinedServices;
  let target: DefinedServices;

  before(async () => {
    [source, target] = await Promise.all([startDefinedServices(), startDefinedServices()]);
    const namespace = 'shop';
    const orders = { namespace, name: 'orders', document: '{"title":"1"}' };
    await source.schemas.register({ ...orders, author: 'ana', note: 'first\nlines' });
    await source.register(namespace, 'orders', '{"title":"2"}', '{"title":"1"}');
    await source.register(namespace, hostile, hostileDocument);
    const topology = {
      exchanges: [{ name: 'zoo' }, { name: hostile }],
      queues: [
        { name: 'zebras', deliveryLimit: 3, deadLetterQueue: 'graveyard' },
        { name: 'apes' },
        { name: hostile, deliveryLimit: 1_000 },
      ],
      bindings: [
        { exchange: 'zoo', queue: 'zebras', routingKey: '#' },
        { exchange: 'zoo', queue: 'graveyard', routingKey: 'dead.*' },
        { exchange: hostile, queue: hostile, routingKey: '' },
      ],
    };
    await source.messaging.declareTopology({ namespace, topology });
    for (let start = 0; start < 300; start += 50) {
      const names = Array.from({ length: 50 }, (_, index) => `schema-${start + index}`);
      await Promise.all(names.map((name) => source.register('many', name, '{}')));
    }
  });

  after(() => Promise.all([source?.[Symbol.asyncDispose](), target?.[Symbol.asyncDispose]()]));

  it('export has every version in order, documents to the byte, and the topology sorted', async () => {
    const { schemas, topology, ...rest } = JSON.parse(await source.exported('shop'));
    assert.deepEqual(rest, { format: 1, namespace: 'shop' });
    assert.deepEqual(schemas, [
      schema(hostile, hostileDocument),
      {
        name: 'orders',
        versions: [
          { version: 1, document: '{"title":"1"}', author: 'ana', note: 'first\nlines', active: false },
          { version: 2, document: '{"title":"2"}', author: '', note: '', active: false },
          { version: 3, document: '{"title":"1"}', author: '', note: '', active: true },
        ],
      },
    ]);
    assert.deepEqual(topology.exchanges, [
      { name: hostile, type: 'topic' },
      { name: 'zoo', type: 'topic' },
    ]);
    assert.deepEqual(topology.queues[1], { name: 'apes', deliveryLimit: 20, deadLetterQueue: 'apes.dead' });
    assert.deepEqual(topology.bindings[1], { exchange: 'zoo', routingKey: '#', queue: 'zebras' });
  });

  it('a file that was exported and imported elsewhere is exported there again, byte for byte', async () => {
    assert.deepEqual(await source.run(['export', file, '--namespace', 'shop']), {
      code: 0,
      stdout: '',
      stderr: '',
    });
    const { code, stdout, stderr } = await target.run(['import', file]);
    assert.deepEqual([code, stderr], [0, '10 created\n']);
    assert.match(stdout, /^schema +orders +created +3$/m);
    assert.match(stdout, /^binding +zoo dead\.\* -> graveyard +created$/m);
    const there = await target.exported('shop');
    assert.equal(there, readFileSync(file, 'utf8'));
    assert.ok(!/[\u007f-\u009f\u2028\u202e]/.test(there));
    assert.deepEqual(readdirSync(folder), ['definitions.json']);
  });

  it('imported again it changes nothing', async () => {
    const { code, stdout } = await target.run(['import', file, '--json']);
    const { namespace, dryRun, items } = JSON.parse(stdout);
    assert.deepEqual([code, namespace, dryRun, items.length], [0, 'shop', false, 10]);
    assert.deepEqual([...new Set(items.map(({ outcome }: { outcome: string }) => outcome))], ['unchanged']);
    assert.equal(await target.exported('shop'), readFileSync(file, 'utf8'));
  });

  it('follows the pages of a registry of 300 schemas', async () => {
    await source.run(['export', file, '--namespace', 'many', '--schemas']);
    const imported = await target.run(['import', file]);
    assert.deepEqual([imported.code, imported.stderr], [0, '300 created\n']);
    assert.equal(
      (await target.run(['export', '--namespace', 'many', '--schemas'])).stdout,
      readFileSync(file, 'utf8'),
    );
    assert.equal((await target.run(['import', file])).stderr, '300 unchanged\n');
  });

  it('follows the pages of a history, of more versions than one page takes', async () => {
    const long = (index: number) => JSON.stringify({ title: `${index}`.padEnd(200_000, 'x') });
    await source.register('long', 'big', ...Array.from({ length: 40 }, (_, index) => long(index)));
    await source.run(['export', file, '--namespace', 'long']);
    assert.equal((await target.run(['import', file])).code, 0);
    assert.equal(await target.exported('long'), readFileSync(file, 'utf8'));
  });

  it('--dry-run says what would change, and changes nothing', async () => {
    save(
      definitions('dry', {
        schemas: [schema('a', '{}', 'true')],
        topology: { exchanges: [{ name: 'x', type: 'topic' }], queues: [], bindings: [] },
      }),
    );
    const empty = await target.exported('dry');
    const { code, stdout, stderr } = await target.run(['import', file, '--dry-run']);
    assert.deepEqual([code, stderr], [0, 'nothing was changed; it would be: 2 created\n']);
    assert.deepEqual(stdout.replace(/ +/g, ' ').split('\n').slice(1), [
      'exchange x created',
      'schema a created 2',
      '',
    ]);
    assert.equal(await target.exported('dry'), empty);
  });

  it('closes the gaps of deleted versions, and says so', async () => {
    await source.register('gaps', 'a', '{"const":1}', '{"const":2}');
    await source.schemas.deleteActive({ namespace: 'gaps', name: 'a' });
    await source.register('gaps', 'a', '{"const":3}');
    await source.run(['export', file, '--namespace', 'gaps']);
    const note = 'other numbers than in the file, which only their service gives: a\n';
    assert.equal(
      (await target.run(['import', file, '--dry-run'])).stderr,
      `nothing was changed; it would be: 1 created\nversions would have ${note}`,
    );
    assert.equal((await target.run(['import', file])).stderr, `1 created\nversions have ${note}`);
    assert.equal((await target.run(['import', file])).stderr, `1 unchanged\nversions have ${note}`);
    const { versions } = await target.schemas.listVersions({ namespace: 'gaps', name: 'a' });
    assert.deepEqual(
      versions.map(({ version, document }) => [version, document]),
      [
        [1n, '{"const":1}'],
        [2n, '{"const":3}'],
      ],
    );
  });

  it('goes on where an import stopped', async () => {
    await target.schemas.register({
      namespace: 'half',
      name: 'a',
      document: '{ "minimum": 1.0, "title": "a" }',
    });
    save(definitions('half', { schemas: [schema('a', '{"title":"a","minimum":1}', '{}', 'true')] }));
    assert.equal((await target.run(['import', file])).stderr, '1 updated\n');
    assert.deepEqual(await target.documents('half', 'a'), ['{ "minimum": 1.0, "title": "a" }', '{}', 'true']);
  });

  it('registers again what was deleted since the last import', async () => {
    save(definitions('deleted', { schemas: [schema('a', '{}', 'true')] }));
    await target.run(['import', file]);
    await target.schemas.deleteActive({ namespace: 'deleted', name: 'a' });
    await target.run(['import', file]);
    assert.deepEqual(await target.documents('deleted', 'a'), ['{}', 'true']);
  });

  it('puts its versions after another history, once', async () => {
    await target.schemas.register({ namespace: 'other', name: 'a', document: '{"title":"own"}' });
    save(definitions('other', { schemas: [schema('a', '{}', 'true')] }));
    assert.match((await target.run(['import', file])).stderr, /^1 updated\nversions have other numbers/);
    assert.match((await target.run(['import', file])).stderr, /^1 unchanged\n/);
    assert.deepEqual(await target.documents('other', 'a'), ['{"title":"own"}', '{}', 'true']);
  });

  it('--namespace imports into another than that of the file, --schemas and --topology one part', async () => {
    save(await source.exported('shop'));
    const topology = await target.run(['import', file, '--namespace', 'parts', '--topology']);
    assert.equal(topology.stderr, '8 created\n');
    assert.deepEqual(JSON.parse(await target.exported('parts')).schemas, []);
    assert.equal(
      (await target.run(['import', file, '--namespace', 'parts', '--schemas'])).stderr,
      '2 created\n',
    );
    const half = JSON.parse((await target.run('export --namespace parts --topology')).stdout);
    assert.deepEqual(Object.keys(half), ['format', 'namespace', 'topology']);
    save(half);
    assert.equal((await target.run(['import', file, '--schemas'])).stderr, 'the file has no schemas\n');
  });

  it('reads standard input', async () => {
    const stdin = JSON.stringify(definitions('piped', { schemas: [schema('a', '{}')] }));
    const { code, stderr } = await cli('import -', { env: target.env, stdin });
    assert.deepEqual([code, stderr], [0, '1 created\n']);
  });

  it('declares more than one request takes', async () => {
    const count = 300;
    const names = Array.from({ length: count }, (_, index) => `q-${String(index).padStart(3, '0')}`);
    const topology = {
      exchanges: names.map((name) => ({ name, type: 'topic' })),
      queues: names.map((name) => ({ name, deliveryLimit: 5, deadLetterQueue: 'shared' })),
      bindings: names.map((name) => ({ exchange: name, routingKey: 'k', queue: name })),
    };
    save(definitions('wide', { topology }));
    assert.equal((await target.run(['import', file])).stderr, '900 created\n');
    assert.deepEqual(JSON.parse(await target.exported('wide')).topology, topology);
  });

  it('export leaves the file that was there when it fails, writes through links and to devices', async () => {
    const place = join(folder, 'place');
    mkdirSync(place);
    writeFileSync(join(place, 'kept.json'), 'old');
    symlinkSync('kept.json', join(place, 'link.json'));
    const link = join(place, 'link.json');
    const failed = await target.run(['export', link, '--database', '127.0.0.1:1']);
    assert.deepEqual([failed.code, readFileSync(link, 'utf8')], [78, 'old']);
    assert.equal((await target.run(['export', link, '--namespace', 'empty'])).code, 0);
    assert.equal(JSON.parse(readFileSync(join(place, 'kept.json'), 'utf8')).namespace, 'empty');
    assert.deepEqual(readdirSync(place).sort(), ['kept.json', 'link.json']);
    assert.equal((await target.run(['export', '/dev/null'])).code, 0);
    const nowhere = await target.run(['export', join(place, 'no', 'where.json')]);
    assert.deepEqual(
      [nowhere.code, /no\/where\.json cannot be written: ENOENT\n$/.test(nowhere.stderr)],
      [1, true],
    );
  });
});

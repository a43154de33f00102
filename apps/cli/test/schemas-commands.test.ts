/** `connections schemas` as processes, against services that really run. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectDatabase } from '@connections/proto-utils';
import { runBin, type ServicesProcess, startServices } from './bin-process.ts';
import { cli } from './cli-run.ts';

const first =
  '{ "type": "object",\n  "properties": { "age": { "minimum": 0 }, "gone": {} }, "required": ["age"] }';
const second = JSON.stringify({
  required: ['id', 'age'],
  properties: { age: { minimum: 18 }, email: { type: 'string' } },
  type: 'object',
});

describe('connections schemas', () => {
  let services: ServicesProcess;

  before(async () => {
    services = await startServices();
    using database = connectDatabase(services.databaseAddress);
    const { schemas } = database;
    await schemas.register({ name: 'customers', document: first, author: 'ana', note: 'first' });
    await schemas.register({ name: 'customers', document: second, author: 'bo', note: 'stricter\u001b[31m' });
    for (let start = 0; start < 120; start += 40) {
      const names = Array.from(
        { length: 40 },
        (_, index) => `orders-${String(start + index).padStart(3, '0')}`,
      );
      await Promise.all(names.map((name) => schemas.register({ name, document: '{}' })));
    }
    const numbers = ['12345678901234567890', '12345678901234567891'];
    for (const number of numbers) await schemas.register({ name: 'long', document: `{"const":${number}}` });
    await schemas.register({ name: 'hostile', document: '{"title":"\u009b31m\u202e","const":"\\u001b"}' });
  });

  after(async () => services?.[Symbol.asyncDispose]());

  const run = (line: string) => runBin(line, services.env);

  it('list shows names in order with their active versions', async () => {
    const { code, stdout, stderr } = await run('schemas list --limit 2');
    assert.match(
      stdout,
      /^NAME +VERSION +REGISTERED +AUTHOR +NOTE\ncustomers +2 +\S+Z +bo +stricter\\u\{1b\}\[31m\nhostile +1 +\S+Z\n$/,
    );
    assert.equal(stderr, 'there are more, 123 in all: list them with --limit or --all\n');
    assert.equal(code, 0);
  });

  it('list follows pages and filters by prefix', async () => {
    const { stdout, stderr } = await run('schemas list --prefix orders- --all --json');
    const { schemas, nextPageToken, totalSize } = JSON.parse(stdout);
    assert.deepEqual([schemas.length, nextPageToken, totalSize, stderr], [120, '', 123, '']);
    assert.equal(schemas[119].name, 'orders-119');
    assert.equal((await run('schemas list --prefix nothing')).stderr, 'no name starts so\n');
    assert.equal((await run('schemas list --namespace empty')).stderr, 'there are no schemas\n');
  });

  it('get shows the active version with its document laid out', async () => {
    const { stdout } = await run('schemas get customers');
    assert.match(stdout, /^schema +customers\nversion +2 \(active\)\nregistered +\S+Z \(.*\)\nauthor +bo\n/);
    assert.ok(stdout.endsWith(`\n\n${JSON.stringify(JSON.parse(second), undefined, 2)}\n`));
  });

  it('get --version shows that version, get --json its fields', async () => {
    assert.match((await run('schemas get customers --version 1')).stdout, /^version +1$/m);
    const { schema } = JSON.parse((await run('schemas get customers --version 1 --json')).stdout);
    assert.deepEqual(
      [schema.version, schema.active, schema.author, schema.note, schema.document],
      ['1', false, 'ana', 'first', first],
    );
    assert.match(schema.fingerprint, /^[0-9a-f]{64}$/);
  });

  it('get --document prints the document alone, as it was registered', async () => {
    const { stdout, stderr } = await run('schemas get customers --version 1 --document');
    assert.deepEqual([stdout, stderr], [`${first}\n`, '']);
  });

  it('sends nothing of a document to a terminal that would do something there', async () => {
    const shown = await cli('schemas get hostile --document', { env: services.env, columns: 80 });
    assert.equal(shown.stdout, '{"title":"\\u009b31m\\u202e","const":"\\u001b"}\n');
    assert.match((await run('schemas get hostile')).stdout, /^ {2}"title": "\\u009b31m\\u202e",$/m);
  });

  it('keeps the digits of long numbers', async () => {
    assert.match((await run('schemas get long --version 1')).stdout, /"const": 12345678901234567890$/m);
  });

  it('versions lists them, the active one last', async () => {
    const { stdout } = await run('schemas versions customers');
    assert.match(
      stdout,
      /^VERSION +ACTIVE +REGISTERED +AUTHOR +NOTE +FINGERPRINT\n +1 +\S+Z +ana +first +[0-9a-f]{12}\n +2 +yes +\S+Z +bo +stricter.* [0-9a-f]{12}\n$/,
    );
    const { versions } = JSON.parse((await run('schemas versions customers --json')).stdout);
    assert.deepEqual(
      versions.map(({ version, active }: Record<string, unknown>) => [version, active]),
      [
        ['1', false],
        ['2', true],
      ],
    );
    const { stderr } = await run('schemas versions customers --limit 1');
    assert.equal(stderr, 'there are later ones: list them with --limit or --all\n');
  });

  it('diff shows what was removed and added, against the active version', async () => {
    const { code, stdout } = await run('schemas diff customers 1');
    const [old, now, ...lines] = stdout.trimEnd().split('\n');
    assert.match(old ?? '', /^--- version 1, \d{4}-/);
    assert.match(now ?? '', /^\+\+\+ version 2 \(active\), \d{4}-/);
    assert.deepEqual(lines, [
      '- /properties/age/minimum: 0',
      '+ /properties/age/minimum: 18',
      '- /properties/gone: {}',
      '+ /properties/email: {"type":"string"}',
      '+ /required/0: "id"',
    ]);
    assert.equal(code, 0);
  });

  it('diff is coloured on a terminal, and lays large values out', async () => {
    const { stdout } = await cli('schemas diff customers 1', {
      env: services.env,
      columns: 30,
      colour: true,
    });
    assert.ok(stdout.includes('\u001b[31m- /properties/gone: {}\u001b[39m\n'));
    assert.ok(stdout.includes('\u001b[32m+ /properties/email: {\u001b[39m\n\u001b[32m+   "type": "string"'));
  });

  it('diff --json has the changes by pointer', async () => {
    const { old, new: now, changes } = JSON.parse((await run('schemas diff customers 2 1 --json')).stdout);
    assert.deepEqual([old.version, old.active, now.version, now.active], ['2', true, '1', false]);
    assert.deepEqual(changes[0], { kind: 'removed', path: '/required/0', old: 'id' });
  });

  it('diff --exit-code exits with 1 when there is a difference, and only then', async () => {
    const differs = await run('schemas diff customers 1 2 --exit-code');
    assert.deepEqual([differs.code, differs.stderr], [1, 'versions 1 and 2 of customers differ\n']);
    const same = await run('schemas diff customers 2 --exit-code');
    assert.deepEqual(same, { code: 0, stdout: '', stderr: 'versions 2 and 2 have the same content\n' });
  });

  it('diff owns to what it cannot tell apart', async () => {
    const { code, stdout, stderr } = await run('schemas diff long 1 2 --exit-code');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^the versions differ only in digits of long numbers\n/);
  });

  it('exits with 69 for a schema or a version that is not there, and says where to look', async () => {
    const lines = ['get nope', 'versions nope', 'get customers --version 9', 'diff customers 1 9'];
    for (const line of lines) {
      const { code, stdout, stderr } = await run(`schemas ${line}`);
      assert.deepEqual([code, stdout], [69, ''], line);
      assert.match(
        stderr,
        /^[^\n]*: (look for it|see which there are) with `connections schemas \w+`[^\n]*\n$/,
      );
    }
  });

  it('exits with 2 for a version that is no number', async () => {
    assert.equal((await run('schemas get customers --version last')).code, 2);
    assert.equal((await run('schemas diff customers 0')).code, 2);
  });
});

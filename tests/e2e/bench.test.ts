/** The bench runs and its results are whole. What it measures decides no test. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { mongoMissing, rabbitMissing, redisMissing } from '@connections/testing';
import { temporaryFolder } from './standalone-process.ts';

const main = fileURLToPath(new URL('../../../bench/dist/src/main.js', import.meta.url));
const timeout = 480_000;

interface Results {
  readonly format: number;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly loadGenerator: string;
  readonly quick: boolean;
  readonly parts: readonly {
    readonly name: string;
    readonly measurements: readonly {
      readonly name: string;
      readonly unit: string;
      readonly median: number;
      readonly repetitions: readonly number[];
      readonly comparison?: { readonly against: string; readonly ratio: number };
    }[];
  }[];
}

async function bench(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const folder = temporaryFolder();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, '--quick', '--out', folder, ...args],
    {
      env,
      timeout,
    },
  );
  const name = args.join('-') || 'all';
  const results: Results = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  return { stdout, results, picture: readFileSync(join(folder, `${name}.svg`), 'utf8') };
}

describe('npm run bench', () => {
  it('measures every part and writes figures, a picture and tables of them', { timeout }, async () => {
    const { stdout, results, picture } = await bench([]);
    const parts = results.parts.map(({ name }) => name);
    const onServers = [
      ...((redisMissing() ?? mongoMissing()) ? [] : ['stores', 'dual-reads', 'dual-writes', 'dual-scale']),
      ...(redisMissing() ? [] : ['redis-clients']),
      ...(rabbitMissing({ own: true }) ? [] : ['rabbit']),
    ];
    const onTransports = [
      ...['grpc-server', 'grpc-pair'],
      ...(redisMissing() ? [] : ['grpc-redis']),
      ...['grpc-messages', 'grpc-streams', 'grpc-service'],
      ...(spawnSync('openssl', ['version']).error ? [] : ['grpc-tls']),
      'grpc-memory',
    ];
    assert.deepEqual(parts, [
      ...['unary', 'interceptors', 'storage', 'delivery', 'start', 'memory'],
      ...onServers,
      ...onTransports,
    ]);
    assert.deepEqual(Object.keys(results.machine), [
      'cpu',
      'cores',
      'memoryGiB',
      'system',
      'node',
      'pinning',
      'load',
    ]);
    assert.equal(results.quick, true);
    for (const { name: part, measurements } of results.parts) {
      assert.ok(measurements.length > 0, part);
      for (const { name, unit, median, repetitions, comparison } of measurements) {
        const what = `${part}: ${name}, ${unit}`;
        assert.ok(repetitions.length > 0 && repetitions.every(Number.isFinite), what);
        assert.ok(Number.isFinite(median), what);
        assert.ok(comparison === undefined || comparison.ratio >= 0, what);
        assert.ok(stdout.includes(name), what);
        assert.ok(picture.includes(`>${name}</text>`), what);
      }
    }
    assert.match(picture, /^<svg [\s\S]*<\/svg>\n$/);
    assert.doesNotMatch(picture, /NaN|Infinity|undefined/);
  });

  it('measures one part with the load that it is asked for', { timeout }, async () => {
    const { results } = await bench(['unary'], { ...process.env, BENCH_LOAD: 'own' });
    assert.equal(results.loadGenerator, 'own (node:net)');
    assert.deepEqual(
      results.parts.map(({ name }) => name),
      ['unary'],
    );
  });

  it('ends with 1 and the reason when asked for a part whose servers are missing', async () => {
    await assert.rejects(
      bench(['stores'], { PATH: '' }),
      ({ code, stderr }: { code: number; stderr: string }) => {
        assert.equal(code, 1);
        assert.match(stderr, /^stores cannot be measured: redis-server is not on the path .*\n$/);
        return true;
      },
    );
  });

  it('ends with 2 and the names of the parts when asked for one that is none', async () => {
    await assert.rejects(bench(['nonsense']), ({ code, stderr }: { code: number; stderr: string }) => {
      assert.equal(code, 2);
      assert.match(stderr, /^nonsense is no part: they are unary, .*grpc-memory, grpc\n$/);
      return true;
    });
  });

  it('ends with 2 when asked for a number of tasks that is none', async () => {
    await assert.rejects(
      bench(['--view-tasks', 'many', 'dual-scale']),
      ({ code, stderr }: { code: number; stderr: string }) => {
        assert.equal(code, 2);
        assert.match(stderr, /^many is no number of tasks\n/);
        return true;
      },
    );
  });

  const ofDual = { skip: redisMissing({ own: true }) ?? mongoMissing(), timeout };
  it('compares every operation of the dual store with itself among fewer tasks', ofDual, async () => {
    const { results } = await bench(['dual-scale']);
    const [{ measurements } = { measurements: [] }] = results.parts;
    const larger = measurements.filter(({ name, unit }) => /10,000 tasks$/.test(name) && unit !== 'B/task');
    assert.ok(larger.length > 0);
    for (const { name, comparison } of larger) {
      assert.equal(comparison?.against, name.replace('10,000', '1,000'));
    }
  });

  const ofRabbit = { skip: rabbitMissing({ own: true }), timeout };
  it('measures each way to RabbitMQ against amqplib alone', ofRabbit, async () => {
    const { results } = await bench(['rabbit']);
    const [{ measurements } = { measurements: [] }] = results.parts;
    const compared = measurements.filter(({ unit }) => unit === 'messages/s');
    for (const { name, comparison } of compared) {
      const bare = name.replace(/, [^,]+$/, ', bare');
      assert.equal(comparison?.against, name === bare ? undefined : bare);
    }
    const added = measurements.filter(({ name, unit }) => /added by/.test(name) && unit === 'ms at p99');
    assert.equal(added.length, 4);
  });
});

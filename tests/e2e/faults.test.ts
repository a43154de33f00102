/** What `npm run faults -- --short` is to hold beside other tests: nothing is lost, every call ends, service comes back. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { mongoMissing, rabbitMissing, redisMissing } from '@connections/testing';

const main = fileURLToPath(new URL('../faults/main.js', import.meta.url));
const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true });
const withoutRabbit = rabbitMissing({ own: true });
const scenarios = [
  'redis-kill',
  'redis-freeze',
  'mongo-kill',
  'mongo-freeze',
  'stores-freeze',
  'service-kill',
  'service-freeze',
  'network-blackhole',
  'network-reset',
  'network-latency',
];
const timeout = 600_000;

function faults(...args: readonly string[]) {
  return promisify(execFile)(process.execPath, ['--enable-source-maps', main, ...args], { timeout });
}

describe('npm run faults', () => {
  it('keeps every promise through each fault', { skip, timeout }, async (context) => {
    const { stdout } = await faults('--short').catch((error) =>
      assert.fail(`${error.stdout}${error.stderr}`),
    );
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) context.diagnostic(line);
    assert.deepEqual(lines.map((line) => line.split(':')[0]).toSorted(), scenarios.toSorted());
    for (const line of lines) assert.match(line, /: 1 fault; .*; lost 0, twice 0, untrue 0; .*; kept$/);
  });

  it('keeps every promise of two stores of tasks', { skip, timeout }, async (context) => {
    const { stdout } = await faults('dual', '--short').catch((error) =>
      assert.fail(`${error.stdout}${error.stderr}`),
    );
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) context.diagnostic(line);
    // Beside them a line for each round after which the view was late.
    const parts = lines.filter((line) => !/^dual-store round \d+ /.test(line));
    assert.deepEqual(
      parts.map((line) => line.split(':')[0]),
      ['rounds', 'redis-freeze', 'mongo-freeze', 'both-down', 'one-miss', 'mongo-outage'].map(
        (part) => `dual-store ${part}`,
      ),
    );
    for (const line of parts) assert.match(line, /; kept$/);
    assert.match(parts[0] ?? '', /; writes BUFFERED \d+, DURABLE \d+, /);
    assert.match(parts[0] ?? '', /; lost or undone 0, twice 0, older 0, untrue 0, unlike 0, unbounded 0; /);
  });

  it('keeps every promise of messages on RabbitMQ', {
    skip: withoutRabbit ?? false,
    timeout,
  }, async (context) => {
    const { stdout } = await faults('rabbit', '--short').catch((error) =>
      assert.fail(`${error.stdout}${error.stderr}`),
    );
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) context.diagnostic(line);
    assert.deepEqual(
      lines.map((line) => line.split(':')[0]),
      ['rounds', 'frozen', 'stalled', 'poison', 'rolling', 'client-kills'].map((name) => `rabbit ${name}`),
    );
    for (const line of lines) assert.match(line, /; kept$/);
    assert.match(
      lines[0] ?? '',
      /; kill -9 of client \d+, service \d+, broker \d+; .*; lost 0, untrue 0; .*; channel errors 406 0; /,
    );
    assert.match(
      lines[3] ?? '',
      /: one that fails: parked after 5, 5 deliveries \(limit 5\), innocents parked 0 of /,
    );
    assert.match(lines[4] ?? '', /; unary calls \d+, failed 0 /);
    assert.match(lines[5] ?? '', /; task: \d+ kills of a client, lost 0\.0 a kill /);
  });

  it('ends with 2 and the names of the scenarios when asked for one that is none', async () => {
    await assert.rejects(faults('nonsense'), ({ code, stderr }: { code: number; stderr: string }) => {
      assert.equal(code, 2);
      assert.match(stderr, /^nonsense is no scenario: they are redis-kill, .*network-latency\n$/);
      return true;
    });
    await assert.rejects(faults('dual', 'nonsense'), ({ code, stderr }: { code: number; stderr: string }) => {
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^nonsense is no part of the dual store's faults: they are rounds, .*mongo-outage\n$/,
      );
      return true;
    });
    const rabbit = faults('rabbit', 'nonsense');
    await assert.rejects(rabbit, ({ code, stderr }: { code: number; stderr: string }) => {
      assert.equal(code, 2);
      assert.match(stderr, /^nonsense is no fault of RabbitMQ: they are rounds, .*client-kills\n$/);
      return true;
    });
  });

  it('ends with 2 and the usage when it is asked for what it does not know', async () => {
    const wrong = [
      ['--rounds', 'x'],
      ['--long'],
      ['dual', '--seed', 'x'],
      ['dual', '--long'],
      ['rabbit', '--messages', 'x'],
    ];
    for (const args of wrong) {
      await assert.rejects(faults(...args), ({ code, stderr }: { code: number; stderr: string }) => {
        assert.equal(code, 2);
        assert.match(stderr, /\nnpm run faults -- (dual \[--rounds|rabbit \[--messages|\[--rounds) <n>/);
        return true;
      });
    }
  });
});

/** When names are looked up, on a clock that stands still. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NameResolution } from '../src/client/name-resolution.ts';
import { StillClock } from './still-clock.ts';

function resolutionOf(answers: (readonly string[] | Error)[], minIntervalMs = 30_000) {
  const clock = new StillClock();
  const told: string[] = [];
  const lookups: number[] = [];
  const start = clock.now();
  const resolution = new NameResolution(
    'db',
    {
      clock,
      random: () => 0.5,
      backoff: { initialMs: 1_000, maxMs: 3_000 },
      minIntervalMs,
      lookup: async () => {
        lookups.push(clock.now() - start);
        const answer = answers.shift() ?? [];
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    {
      resolved: (hosts) => told.push(hosts.join()),
      failed: (error) => told.push(error.message),
    },
  );
  return { clock, told, lookups, resolution };
}

/** Lookups answer in the turns of the loop that follow. */
const answered = () => new Promise((resolve) => setImmediate(resolve));

describe('the resolution of a name', () => {
  it('tells all addresses, and looks up again no sooner than the interval, however often it is asked', async () => {
    const { clock, told, lookups, resolution } = resolutionOf([['10.0.0.1', '10.0.0.2'], ['10.0.0.3']]);
    for (let i = 0; i < 5; i++) resolution.request();
    await answered();
    assert.deepEqual(told, ['10.0.0.1,10.0.0.2']);
    for (let i = 0; i < 5; i++) resolution.request();
    clock.advance(29_999);
    await answered();
    assert.deepEqual(lookups, [0]);
    clock.advance(1);
    await answered();
    assert.deepEqual(lookups, [0, 30_000]);
    assert.deepEqual(told, ['10.0.0.1,10.0.0.2', '10.0.0.3']);
  });

  it('does not look up when nobody asks', async () => {
    const { clock, lookups, resolution } = resolutionOf([['10.0.0.1']]);
    resolution.request();
    await answered();
    clock.advance(86_400_000);
    await answered();
    assert.deepEqual(lookups, [0]);
  });

  it('that fails, or finds nothing, is tried again after a backoff that grows', async () => {
    const { clock, told, lookups, resolution } = resolutionOf([
      new Error('ENOTFOUND'),
      [],
      new Error('EAI_AGAIN'),
      ['10.0.0.1'],
    ]);
    resolution.request();
    for (const delay of [0, 1_000, 1_600, 2_560, 100_000]) {
      clock.advance(delay);
      await answered();
    }
    assert.deepEqual(lookups, [0, 1_000, 2_600, 5_160]);
    assert.deepEqual(told, ['ENOTFOUND', 'it has no addresses', 'EAI_AGAIN', '10.0.0.1']);
  });

  it('that was closed tells nothing and leaves no timer', async () => {
    const { clock, told, resolution } = resolutionOf([['10.0.0.1'], ['10.0.0.2']]);
    resolution.request();
    await answered();
    resolution.request();
    assert.equal(clock.waiting, 1);
    resolution.close();
    resolution.request();
    assert.equal(clock.waiting, 0);
    clock.advance(60_000);
    await answered();
    assert.deepEqual(told, ['10.0.0.1']);
  });
});

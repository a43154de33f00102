/** What is left of commits when the server is killed under them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, mongoMissing } from '@connections/testing';
import type { CommitOutcome } from '../src/port/task-ledger.ts';
import { openLedgerFor, patient, putting, refTo } from './mongo-ledger-ports.ts';
import { mongoServer } from './mongo-ports.ts';

const withinMs = 800;
const lasting = { own: true, syncOnCommit: true };
describe('the ledger on a MongoDB that is killed', { skip: mongoMissing(lasting) ?? false }, () => {
  const server = mongoServer(lasting);

  it('has what it said to have committed, nothing of what it said it had not, and changes its mind about nothing', async (context) => {
    const killed = await server();
    const { ledger, commit } = await openLedgerFor(context, killed);
    const outcomes = new Map<string, CommitOutcome['outcome']>();
    let made = 0;
    let stopped = false;
    const writer = async () => {
      while (!stopped) {
        const id = `t${made++}`;
        const { outcome } = await commit(refTo(id), putting(`r ${id}`), withinMs);
        outcomes.set(id, outcome);
        if (outcome !== 'COMMITTED') await delay(20);
      }
    };
    const writers = Promise.all([writer(), writer(), writer(), writer()]);
    const look = async () => {
      const there = new Map<string, boolean>();
      await eventually(() => ledger.ping(patient), 20_000);
      for (const [id, outcome] of outcomes) {
        if (outcome === 'COMMITTED' && there.size % 8 !== 0) there.set(id, true);
        else there.set(id, (await ledger.account(refTo(id), patient)).record !== undefined);
      }
      return there;
    };
    for (let round = 0; round < 2; round++) {
      const before = outcomes.size;
      await eventually(() => assert.ok(outcomes.size > before + 20), 20_000);
      await killed.kill();
      await eventually(() => assert.ok([...outcomes.values()].at(-1) === 'AWAY'), 20_000);
      await killed.restart();
      await eventually(() => ledger.ping(patient), 20_000);
    }
    stopped = true;
    await writers;
    const first = await look();
    for (const [id, outcome] of outcomes) {
      if (outcome === 'COMMITTED') assert.equal(first.get(id), true, id);
      if (outcome === 'AWAY') assert.equal(first.get(id), false, id);
    }
    assert.deepEqual(await look(), first);
    const all = [...outcomes.values()];
    const counts = [...new Set(all)].map((one) => `${all.filter((other) => other === one).length} ${one}`);
    context.diagnostic(`${all.length} commits: ${counts.join(', ')}`);
  });
});

/** A roster holds those that came and did not go. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Roster } from '../src/roster.ts';

function member(name: number) {
  return { name, place: -1 };
}

describe('a roster', () => {
  it('holds what a set would after any comings and goings', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(9)));
    fc.assert(
      fc.property(steps, (moves) => {
        const members = Array.from({ length: 10 }, (_, name) => member(name));
        const roster = new Roster<(typeof members)[number]>();
        const set = new Set<(typeof members)[number]>();
        for (const [comes, index] of moves) {
          const one = members[index];
          if (!one || comes === set.has(one)) continue;
          if (comes) roster.add(one);
          else roster.delete(one);
          if (comes) set.add(one);
          else set.delete(one);
        }
        assert.equal(roster.size, set.size);
        assert.deepEqual(new Set(roster), set);
      }),
    );
  });

  it('ignores one that is not in it', () => {
    const [first, second] = [member(1), member(2)];
    const roster = new Roster<typeof first>();
    roster.add(first);
    roster.add(second);
    roster.delete(first);
    roster.delete(first);
    assert.deepEqual([...roster], [second]);
  });

  it('can be walked through while its members go', () => {
    const roster = new Roster<{ name: number; place: number }>();
    for (let name = 0; name < 5; name++) roster.add(member(name));
    const seen: number[] = [];
    for (const each of roster) {
      seen.push(each.name);
      roster.delete(each);
    }
    assert.deepEqual(seen, [0, 1, 2, 3, 4]);
    assert.equal(roster.size, 0);
  });
});

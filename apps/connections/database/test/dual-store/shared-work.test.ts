/** Work that all who ask for it share, as long as who began it stays. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SharedWork } from '../../src/dual-store/shared-work.ts';

const ref = { namespace: 'default', category: 'c', id: 'i' };
const other = { ...ref, id: 'other' };
const patient = new AbortController().signal;

interface Begun {
  readonly resolve: (result: string) => void;
  readonly reject: (reason: unknown) => void;
}

/** Work of which a test says what comes of it. */
function workbench() {
  const begun: Begun[] = [];
  const begin = () => new Promise<string>((resolve, reject) => void begun.push({ resolve, reject }));
  return { begun, begin };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('shared work', () => {
  it('is done once for all who ask while it is under way, and again afterwards', async () => {
    const { begun, begin } = workbench();
    const shared = new SharedWork<string>();
    const all = [1, 2, 3].map(() => shared.share(ref, patient, begin));
    begun[0]?.resolve('first');
    assert.deepEqual(await Promise.all(all), ['first', 'first', 'first']);
    assert.equal(begun.length, 1);
    const again = shared.share(ref, patient, begin);
    begun[1]?.resolve('second');
    assert.equal(await again, 'second');
  });

  it('is not shared by two tasks', () => {
    const { begun, begin } = workbench();
    const shared = new SharedWork<string>();
    void shared.share(ref, patient, begin);
    void shared.share(other, patient, begin);
    assert.equal(begun.length, 2);
  });

  it('fails for all at once: a store that is away is not asked by one after the other', async () => {
    const { begun, begin } = workbench();
    const shared = new SharedWork<string>();
    const all = [1, 2, 3].map(() => shared.share(ref, patient, begin));
    begun[0]?.reject(new Error('away'));
    for (const each of await Promise.allSettled(all)) {
      assert.equal(each.status === 'rejected' && each.reason.message, 'away');
    }
    assert.equal(begun.length, 1);
  });

  it('is begun once more by those who stay when who began it leaves', async () => {
    const { begun, begin } = workbench();
    const shared = new SharedWork<string>();
    const leaving = new AbortController();
    const left = shared.share(ref, leaving.signal, begin);
    const staying = [1, 2].map(() => shared.share(ref, patient, begin));
    leaving.abort(new Error('left'));
    begun[0]?.reject(leaving.signal.reason);
    await assert.rejects(left, /left/);
    await nextTurn();
    assert.equal(begun.length, 2);
    begun[1]?.resolve('found');
    assert.deepEqual(await Promise.all(staying), ['found', 'found']);
  });

  it('is not begun by one whose own time is over', async () => {
    const { begun, begin } = workbench();
    const shared = new SharedWork<string>();
    const [first, second] = [new AbortController(), new AbortController()];
    const both = [first, second].map(({ signal }) => shared.share(ref, signal, begin));
    first.abort(new Error('first'));
    second.abort(new Error('second'));
    begun[0]?.reject(first.signal.reason);
    const reasons = (await Promise.allSettled(both)).map((each) => 'reason' in each && each.reason.message);
    assert.deepEqual(reasons, ['first', 'second']);
    assert.equal(begun.length, 1);
  });
});

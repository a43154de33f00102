/** The reckoning of a polled feed tells every commit, whatever the server's clock and its writes do within the bounds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clockStepMs, overlapMs, PollWindow, pauseMs } from '../src/driver/mongo/poll-window.ts';

const pollMs = 500;

interface Commit {
  readonly document: string;
  readonly revision: number;
  readonly at: number;
  /** Of the server's running time, until others see it. */
  left: number;
}

/** A server with its clock and its documents, and a reader that polls it as the driver does. */
class World {
  readonly told = new Map<string, number>();
  lost = false;
  window: PollWindow;
  #real = 0;
  #offset = 1_000_000;
  /** Since the last poll. */
  #isStepped = false;
  #steppedAt = Number.NEGATIVE_INFINITY;
  #frozenAt = Number.NEGATIVE_INFINITY;
  #pending: Commit[] = [];
  readonly #visible = new Map<string, Commit>();
  readonly #revisions = new Map<string, number>();
  /** Of one opening: what it told last of each document. */
  #order = new Map<string, number>();

  constructor() {
    this.window = new PollWindow(this.#offset - overlapMs);
  }

  get revisions(): ReadonlyMap<string, number> {
    return this.#revisions;
  }

  write(document: string, late: number): void {
    // The server makes writes of one document one after the other.
    if (this.#pending.some((each) => each.document === document)) return;
    const revision = (this.#revisions.get(document) ?? 0) + 1;
    this.#revisions.set(document, revision);
    this.#pending.push({ document, revision, at: this.#now, left: late });
    this.run(0);
  }

  run(ms: number): void {
    this.#real += ms;
    for (const commit of this.#pending) {
      commit.left -= ms;
      if (commit.left <= 0) this.#visible.set(commit.document, commit);
    }
    this.#pending = this.#pending.filter(({ left }) => left > 0);
  }

  /** The clock goes on, the server does not. */
  freeze(ms: number): void {
    if (this.#real - this.#frozenAt < 4 * overlapMs) return;
    this.#real += ms;
    this.#frozenAt = this.#real;
  }

  step(ms: number): void {
    const isBack = ms < 0;
    if (isBack && (this.#isStepped || this.#real - this.#steppedAt < 2 * overlapMs)) return;
    if (isBack) this.#steppedAt = this.#real;
    this.#isStepped ||= isBack;
    this.#offset += ms;
  }

  /** As a reader that was ended and begins again with its token. */
  restart(): void {
    this.window = new PollWindow(this.window.settled);
    this.#order = new Map();
  }

  /** Takes so long over `most` documents that it tells no more. */
  longPoll(most: number): void {
    this.poll(most);
    for (let ms = 0; ms < overlapMs; ms += pollMs) {
      this.run(pollMs);
      this.window.heard(this.#real);
    }
  }

  poll(most = Number.POSITIVE_INFINITY): void {
    this.#isStepped = false;
    const range = this.window.begin({ server: this.#now, asked: this.#real, answered: this.#real });
    this.lost ||= range === undefined;
    if (!range) return;
    const found = [...this.#visible.values()].filter(({ at }) => at >= range.from && at <= range.to);
    let reached = range.to;
    let told = 0;
    for (const { document, revision, at } of found.sort((a, b) => a.at - b.at)) {
      if (told >= most && at > range.from) {
        reached = at;
        break;
      }
      if (!this.window.take(document, revision, at)) continue;
      told++;
      assert.ok(revision >= (this.#order.get(document) ?? 0), 'a revision fell');
      this.#order.set(document, revision);
      this.told.set(document, Math.max(revision, this.told.get(document) ?? 0));
    }
    this.window.settle(reached);
  }

  /** Polls as long as it takes for everything to come to rest. */
  rest(): void {
    for (let ms = 0; ms < 4 * overlapMs; ms += pollMs) {
      this.run(pollMs);
      this.poll();
    }
  }

  get #now(): number {
    return this.#real + this.#offset;
  }
}

type Act = (world: World) => void;

/** What is wrong shows at the bound. */
function upTo(most: number): fc.Arbitrary<number> {
  return fc.oneof(fc.nat(most), fc.integer({ min: most - Math.min(most, 1_000), max: most }));
}

function acts(mostLate: number, mostBack: number): fc.Arbitrary<readonly Act[]> {
  const document = fc.constantFrom('a', 'b', 'c', 'd');
  const act = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(document, upTo(mostLate)).map(
        ([d, late]) =>
          (w: World) =>
            w.write(d, late),
      ),
    },
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 1_500 }).map((ms) => (w: World) => w.run(ms)) },
    { weight: 6, arbitrary: fc.constant((w: World) => w.poll()) },
    { weight: 2, arbitrary: fc.nat(3).map((most) => (w: World) => w.longPoll(most)) },
    { weight: 1, arbitrary: fc.nat(120_000).map((ms) => (w: World) => w.freeze(ms)) },
    { weight: 1, arbitrary: fc.constant((w: World) => w.restart()) },
    { weight: 1, arbitrary: fc.nat(100_000).map((ms) => (w: World) => w.step(ms)) },
    { weight: 1, arbitrary: upTo(mostBack).map((ms) => (w: World) => w.step(-ms)) },
  );
  return fc.array(act, { maxLength: 80 });
}

describe('the window of a polled feed', () => {
  for (const [what, mostLate, mostBack] of [
    ['commits that become visible late', overlapMs - pauseMs - 1, 0],
    [
      'commits that become visible late, and a clock that is set back a little',
      overlapMs - pauseMs - 1,
      clockStepMs - 1,
    ],
  ] as const) {
    it(`tells every commit in order over ${what}, freezes, long polls and restarts`, () => {
      fc.assert(
        fc.property(acts(mostLate, mostBack), fc.boolean(), (steps, follows) => {
          const world = new World();
          for (const step of steps) {
            step(world);
            if (follows) world.poll();
          }
          world.rest();
          assert.deepEqual(new Map([...world.told].sort()), new Map([...world.revisions].sort()));
          assert.equal(world.lost, false);
          assert.equal(world.window.remembered, 0);
        }),
        { numRuns: 3_000 },
      );
    });
  }

  it('tells a commit from right after the clock was set back that becomes visible as late as it may', () => {
    const world = new World();
    world.rest();
    world.step(1 - clockStepMs);
    world.write('a', overlapMs - pauseMs - 1);
    world.rest();
    assert.deepEqual(world.told, new Map([['a', 1]]));
  });

  it('knows a clock that was set back further, and one that is behind its token', () => {
    const sample = (server: number, real: number) => ({ server, asked: real, answered: real });
    const window = new PollWindow(90_000);
    assert.ok(window.begin(sample(100_000, 0)));
    assert.ok(window.begin(sample(100_500 - clockStepMs, 500)));
    assert.equal(window.begin(sample(101_000 - 2 * clockStepMs - 1, 1_000)), undefined);
    assert.equal(new PollWindow(90_000).begin(sample(89_999, 0)), undefined);
  });

  it('advances while nothing happens, and stays behind by the overlap and a poll', () => {
    const window = new PollWindow(0);
    for (let ms = 0; ms <= 60_000; ms += pollMs) {
      const range = window.begin({ server: 1_000_000 + ms, asked: ms, answered: ms });
      window.settle(range?.to ?? 0);
    }
    assert.equal(window.settled, 1_060_000 - overlapMs - pollMs);
  });

  it('forgets the oldest when there are too many to remember, and tells those again', () => {
    const window = new PollWindow(0);
    window.begin({ server: 10, asked: 0, answered: 0 });
    for (let at = 0; at < 60_000; at++) assert.equal(window.take(`d${at}`, 1, 5), true);
    assert.equal(window.remembered, 50_000);
    assert.equal(window.take('d59999', 1, 5), false);
    assert.equal(window.take('d0', 1, 5), true);
  });
});

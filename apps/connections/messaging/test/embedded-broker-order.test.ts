/** Any mix of publishing, taking, settling and reopening against a model that is a plain list. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type BrokerWorld, declare, fill, settle, subscribe, take } from '../conformance/broker-acts.ts';
import type { Delivery, Subscription, Verdict } from '../src/port/broker.ts';
import { openTestBroker } from './embedded-broker-port.ts';

const deliveryLimit = 3;

interface Entry {
  readonly id: string;
  failures: number;
  held: boolean;
}

type Step =
  | { readonly step: 'publish'; readonly count: number }
  | { readonly step: 'take' }
  | { readonly step: 'settle'; readonly which: number; readonly how: 'ack' | 'failed' | 'unseen' | 'dead' }
  | { readonly step: 'leave' }
  | { readonly step: 'reopen' };

const verdicts: Record<'ack' | 'failed' | 'unseen' | 'dead', Verdict> = {
  ack: { verdict: 'ack' },
  failed: { verdict: 'requeue', counts: true },
  unseen: { verdict: 'requeue', counts: false },
  dead: { verdict: 'dead-letter', reason: 'r' },
};

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ step: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 6, arbitrary: fc.constant({ step: 'take' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      step: fc.constant('settle' as const),
      which: fc.nat(20),
      how: fc.constantFrom('ack' as const, 'failed' as const, 'unseen' as const, 'dead' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ step: 'leave' as const }) },
  { weight: 1, arbitrary: fc.constant({ step: 'reopen' as const }) },
);

/** The broker and its model, side by side. */
class Pair {
  readonly queue: Entry[] = [];
  readonly dead: string[] = [];
  #held: { readonly delivery: Delivery; readonly entry: Entry }[] = [];
  #consumer: Subscription | undefined;
  #published = 0;
  world: BrokerWorld;

  constructor(world: BrokerWorld) {
    this.world = world;
  }

  async run(step: Step): Promise<void> {
    switch (step.step) {
      case 'publish': {
        const ids = Array.from({ length: step.count }, () => `m${++this.#published}`);
        await fill(this.world, 'q', ...ids);
        for (const id of ids) this.queue.push({ id, failures: 0, held: false });
        return;
      }
      case 'take':
        return this.#take();
      case 'settle':
        return this.#settle(step.which, step.how);
      case 'leave':
        await this.#consumer?.[Symbol.asyncDispose]();
        return this.#forget();
      case 'reopen':
        this.world = { ...this.world, port: await this.world.reopen() };
        return this.#forget();
    }
  }

  async #take(): Promise<void> {
    const entry = this.queue.find(({ held }) => !held);
    if (!entry) return;
    this.#consumer ??= await subscribe(this.world, 'q', 100);
    const delivery = await take(this.#consumer);
    assert.deepEqual([delivery.message.id, delivery.attempt], [entry.id, entry.failures + 1]);
    entry.held = true;
    this.#held.push({ delivery, entry });
  }

  async #settle(which: number, how: keyof typeof verdicts): Promise<void> {
    const [open] = this.#held.splice(which % (this.#held.length || 1), 1);
    if (!open || !this.#consumer) return;
    const { delivery, entry } = open;
    await settle(this.#consumer, delivery, verdicts[how]);
    entry.held = false;
    if (how === 'failed') entry.failures++;
    const isDead = how === 'dead' || entry.failures === deliveryLimit;
    if (isDead) this.dead.push(entry.id);
    if (isDead || how === 'ack') this.queue.splice(this.queue.indexOf(entry), 1);
  }

  #forget(): void {
    for (const { entry } of this.#held) entry.held = false;
    this.#held = [];
    this.#consumer = undefined;
  }
}

describe('the embedded broker', () => {
  it('gives out what a plain list would, at the attempt that it is at', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        await using opened = await openTestBroker();
        const { port, passTime, reopen } = opened;
        const signal = new AbortController().signal;
        const pair = new Pair({ port, namespace: 'n', signal, now: Date.now, passTime, reopen });
        await declare(pair.world, { q: [] }, deliveryLimit);
        for (const each of steps) await pair.run(each);
        const statistics = await pair.world.port.statistics('n', signal);
        const held = pair.queue.filter((entry) => entry.held).length;
        const figures = statistics.map(({ ready, unsettled }) => [ready, unsettled]);
        assert.deepEqual(figures, [
          [pair.queue.length - held, held],
          [pair.dead.length, 0],
        ]);
        await using undertaker = await subscribe(pair.world, 'q.dead', 100);
        for (const id of pair.dead) assert.equal((await take(undertaker)).message.id, id);
      }),
      { numRuns: 40 },
    );
  });
});

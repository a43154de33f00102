/** Durable writes and lists among ever more tasks in the ledger, as far as the server of MongoDB at hand holds them. */
import { prepareMongo, startMongo, startRedis } from '@connections/testing';
import { type Child, startChild } from '../child/child.ts';
import { interleave } from '../measure/interleave.ts';
import { loopFigures } from '../measure/loop-figures.ts';
import type { Measurement } from '../measure/measurement.ts';
import type { DualAnswer, DualOp, DualQuestion } from '../served/dual-ops.ts';
import { ringSize } from '../served/storage-ops.ts';
import type { BenchTools } from './bench-part.ts';
import { scaleCases, sizesUpTo, sizeText } from './scale-cases.ts';

/** For what a process does before the first case: a ledger with its indexes may take long. */
const openMs = 1_800_000;
const runShare = 0.25;

type DualChild = Child<DualQuestion, DualAnswer>;
const module = new URL('../served/dual-process.js', import.meta.url).href;

const operations: readonly {
  readonly what: string;
  readonly ways: Readonly<Record<'bare' | 'ours', DualOp>>;
}[] = [
  { what: 'durable patch', ways: { bare: 'bare patch', ours: 'patch' } },
  { what: 'page of a list', ways: { bare: 'bare list', ours: 'list' } },
];

export async function measureLedgers(tools: BenchTools): Promise<Measurement[]> {
  const { effort, note, scale } = tools;
  const sizes = sizesUpTo(scale.ledgerTasks * effort.scale);
  const opened: AsyncDisposable[] = [];
  try {
    const children = new Map<number, DualChild>();
    for (const tasks of sizes) {
      note(`fills a ledger with ${sizeText(tasks)}`);
      children.set(tasks, await openedLedger(tasks, opened));
    }
    const runMs = effort.runMs * runShare;
    const cases = operations.flatMap(({ what, ways }) =>
      scaleCases(`ledger: ${what}`, sizes, async (way, tasks) => {
        const result = await children.get(tasks)?.ask({ ask: 'run', op: ways[way], inFlight: 1, runMs });
        if (!result || !('calls' in result)) throw new Error('nothing was measured');
        return loopFigures(result);
      }),
    );
    note(`${cases.length} cases of a ledger`);
    return await interleave('dual-scale', cases, effort);
  } finally {
    for (const each of opened.toReversed()) await each[Symbol.asyncDispose]();
  }
}

/** A server, a view and a process of its own for each size: a feed tells of one ledger only. */
async function openedLedger(tasks: number, opened: AsyncDisposable[]): Promise<DualChild> {
  const mongo = await startMongo();
  opened.push(mongo);
  await prepareMongo(mongo.url);
  const redis = await startRedis();
  opened.push(redis);
  const child: DualChild = startChild(module, 'server');
  opened.push(child);
  const filled = await child.ask({ ask: 'fill ledger', mongo: mongo.url, tasks, withinMs: openMs }, openMs);
  if (!filled || !('tasks' in filled) || filled.tasks < tasks) throw new Error('the ledger was not filled');
  // Patches of the bare driver go around the first, those of the port around others: the view knows nothing of the first.
  await child.ask({ ask: 'open', redis: redis.url, mongo: mongo.url, first: ringSize }, openMs);
  return child;
}

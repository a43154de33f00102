/** Calls on views of several sizes, which lie on one Redis, each in a database of its own. */
import { startRedis } from '@connections/testing';
import { startChild } from '../child/child.ts';
import { interleave } from '../measure/interleave.ts';
import { loopFigures } from '../measure/loop-figures.ts';
import type { Case, Measurement } from '../measure/measurement.ts';
import type { LoopResult } from '../served/closed-loop.ts';
import { type ViewFilled, type ViewQuestion, viewOps } from '../served/view-ops.ts';
import type { BenchTools } from './bench-part.ts';
import { scaleCases, sizesUpTo, sizeText } from './scale-cases.ts';

const fillMs = 300_000;
const runShare = 0.075;

export async function measureViews({ effort, note, scale }: BenchTools): Promise<Measurement[]> {
  await using redis = await startRedis({ own: true });
  const module = new URL('../served/view-process.js', import.meta.url).href;
  await using child = startChild<ViewQuestion, LoopResult | ViewFilled>(module, 'server');
  const sizes = sizesUpTo(scale.viewTasks * effort.scale);
  const memory: Case[] = [];
  for (const [place, tasks] of sizes.entries()) {
    note(`fills a view with ${sizeText(tasks)}`);
    const url = new URL(redis.url);
    url.pathname = `/${place + 1}`;
    const filled = await child.ask({ ask: 'fill', url: url.href, tasks }, fillMs);
    if (!('bytesPerTask' in filled)) throw new Error('no view was filled');
    memory.push({
      name: `memory of Redis, ${sizeText(tasks)}`,
      run: async () => ({ 'B/task': filled.bytesPerTask }),
    });
  }
  const runMs = effort.runMs * runShare;
  const cases = viewOps.flatMap((op) =>
    scaleCases(`view: ${op}`, sizes, async (way, tasks) => {
      const result = await child.ask({ ask: 'run', way, op, tasks, runMs });
      if (!('calls' in result)) throw new Error('nothing was measured');
      return loopFigures(result);
    }),
  );
  note(`${cases.length} cases of a view`);
  return [
    ...(await interleave('dual-scale', memory, { warmUps: 0, repetitions: 1 })),
    ...(await interleave('dual-scale', cases, effort)),
  ];
}

/** Cases of one operation among ever more tasks: the bare driver, ours, and ours as a share of the bare driver. */
import type { Case, Figures } from '../measure/measurement.ts';

/** Sizes that are compared with the first. */
const steps: readonly number[] = [1_000, 10_000, 100_000, 1_000_000];
const [smallest = 1_000] = steps;

export type Ask = (way: 'bare' | 'ours', tasks: number) => Promise<Figures>;

export function sizesUpTo(most: number): readonly number[] {
  return steps.filter((tasks) => tasks === smallest || tasks <= most);
}

/**
 * Each is compared with itself at the smallest size: 1 is flat. What the server's own cost does is in the rows of the bare
 * driver; of the share, which is of two runs side by side, only what ours adds.
 */
export function scaleCases(what: string, sizes: readonly number[], ask: Ask): Case[] {
  return sizes.flatMap((tasks) => {
    const last = new Map<string, Figures>();
    const run = async (way: 'bare' | 'ours') => {
      const figures = await ask(way, tasks);
      last.set(way, figures);
      return figures;
    };
    const share = async (): Promise<Figures> => {
      const [bare, ours] = [last.get('bare')?.['operations/s'], last.get('ours')?.['operations/s']];
      if (bare === undefined || ours === undefined) throw new Error('there is nothing to compare');
      return { 'of the bare driver': ours / bare };
    };
    const named = (way: string, name = `${what}, ${way}`) => ({
      name: `${name}, ${sizeText(tasks)}`,
      ...(tasks > smallest && { against: `${name}, ${sizeText(smallest)}` }),
    });
    return [
      { ...named('bare'), run: () => run('bare') },
      { ...named('ours'), run: () => run('ours') },
      { ...named('ours to bare'), run: share },
    ];
  });
}

export function sizeText(tasks: number): string {
  return `${tasks.toLocaleString('en-US')} tasks`;
}

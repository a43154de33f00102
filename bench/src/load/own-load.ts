/** Load from a process of our own: for machines without h2load, and for requests that differ. */
import { startChild } from '../child/child.ts';
import type { LoadGenerator, LoadResult } from './load-target.ts';
import type { LoadOrder } from './own-load-process.ts';

/** What a run may take beyond its time. */
const slackMs = 10_000;

export function ownLoad(): LoadGenerator {
  const module = new URL('own-load-process.js', import.meta.url).href;
  const child = startChild<LoadOrder, LoadResult>(module, 'generator');
  return {
    run: (target, shape) => child.ask({ target, shape }, shape.runMs + slackMs),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** The figures of the dual store, in the order in which they are measured. */
import { bothDownFigure } from './both-down-figure.ts';
import type { NamedFigure } from './dual-figure.ts';
import { mongoFreezeFigure } from './mongo-freeze-figure.ts';
import { oneMissFigure } from './one-miss-figure.ts';
import { outageFigure } from './outage-figure.ts';
import { redisFreezeFigure } from './redis-freeze-figure.ts';

export const dualFigures: readonly NamedFigure[] = [
  redisFreezeFigure,
  mongoFreezeFigure,
  bothDownFigure,
  oneMissFigure,
  outageFigure,
];

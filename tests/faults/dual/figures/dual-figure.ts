/** What a figure of the dual store is measured with. */
import type { DatabaseClient } from '@connections/proto-utils';
import type { Figure } from '../../run/figure.ts';
import type { DualWorld } from '../world/dual-world.ts';

/** How many times as much as promised may be: 1 on a machine that does nothing else. */
export interface Room {
  /** Of times and of memory. */
  readonly times: number;
  /** Of what is counted, and depends on times a little. */
  readonly counts: number;
}

export interface FigureOptions {
  readonly world: DualWorld;
  /** How long a store is away. */
  readonly awayMs: number;
  readonly room: Room;
  /** In the view, when MongoDB goes away. */
  readonly tasks: number;
  /** While both stores are away. */
  readonly callsPerSecond: number;
  /** How often what takes a moment is measured. */
  readonly repeats: number;
}

export interface NamedFigure {
  readonly name: string;
  measure(options: FigureOptions): Promise<Figure>;
}

/** Of calls that need no store, while others are refused: what any call costs at this moment. */
export async function storelessMs({ cache }: DatabaseClient): Promise<number> {
  const invoked = performance.now();
  // An empty key is refused before any store is looked at.
  await cache.get({ key: '' }, { timeoutMs: 10_000 }).catch(() => {});
  return performance.now() - invoked;
}

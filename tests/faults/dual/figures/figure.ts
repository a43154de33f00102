/** One promise as a figure: what was measured, and what of it is broken. */
import type { DatabaseClient } from '@connections/proto-utils';
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

export interface Figure {
  /** With its goal. */
  readonly measured: string;
  readonly broken: readonly string[];
}

export interface NamedFigure {
  readonly name: string;
  measure(options: FigureOptions): Promise<Figure>;
}

/** The value at that share of them. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Of calls that need no store, while others are refused: what any call costs at this moment. */
export async function storelessMs({ cache }: DatabaseClient): Promise<number> {
  const invoked = performance.now();
  // An empty key is refused before any store is looked at.
  await cache.get({ key: '' }, { timeoutMs: 10_000 }).catch(() => {});
  return performance.now() - invoked;
}

/** `value` with its goal, and whether it is beyond `room` times that. */
export function held(
  what: string,
  value: number,
  goal: number,
  unit: string,
  room: number,
): { readonly text: string; readonly broken: readonly string[] } {
  const text = `${what} ${value.toFixed(value < 10 ? 1 : 0)} ${unit} (goal ${goal})`;
  return { text, broken: value <= goal * room ? [] : [`${text}, more than ${goal * room}`] };
}

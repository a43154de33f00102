/** What every part of the bench is given and gives. */

import type { ChosenLoad } from '../load/choose-load.ts';
import type { Effort } from '../measure/interleave.ts';
import type { Measurement } from '../measure/measurement.ts';

/** The most tasks that `dual-scale` puts into one of its stores. */
export interface ScaleLimits {
  readonly viewTasks: number;
  readonly ledgerTasks: number;
}

export interface BenchTools {
  readonly effort: Effort;
  /** For loads of equal calls. */
  readonly load: ChosenLoad;
  readonly scale: ScaleLimits;
  /** Says what is being measured. */
  readonly note: (text: string) => void;
}

/** A part was asked for that cannot be run here. */
export class PartMissingError extends Error {}

export interface BenchPart {
  readonly name: string;
  /** Of parts that are asked for together by it. */
  readonly group?: string;
  /** The question that it answers. */
  readonly title: string;
  /** Why it cannot be run here; undefined when it can. */
  missing?(): string | undefined;
  run(tools: BenchTools): Promise<Measurement[]>;
}

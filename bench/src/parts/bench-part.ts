/** What every part of the bench is given and gives. */

import type { ChosenLoad } from '../load/choose-load.ts';
import type { Effort } from '../measure/interleave.ts';
import type { Measurement } from '../measure/measurement.ts';

export interface BenchTools {
  readonly effort: Effort;
  /** For loads of equal calls. */
  readonly load: ChosenLoad;
  /** Says what is being measured. */
  readonly note: (text: string) => void;
}

export interface BenchPart {
  readonly name: string;
  /** The question that it answers. */
  readonly title: string;
  run(tools: BenchTools): Promise<Measurement[]>;
}

/** The results of a run as they are kept. */
import type { Machine, Occasion } from '../measure/machine.ts';
import type { Measurement } from '../measure/measurement.ts';

export interface Results extends Occasion {
  /** Of this document. */
  readonly format: 1;
  readonly machine: Machine & {
    readonly pinning: string;
    /** Load average of the last minute, before and after. */
    readonly load: readonly [number, number];
  };
  readonly loadGenerator: string;
  /** A short run, whose figures mean nothing. */
  readonly quick: boolean;
  readonly durationSeconds: number;
  readonly parts: readonly PartResults[];
}

export interface PartResults {
  readonly name: string;
  readonly title: string;
  readonly measurements: readonly Measurement[];
}

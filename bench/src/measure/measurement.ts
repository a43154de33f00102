/** What a bench measures: cases, and the figures that come of them. */
import type { Summary } from './statistics.ts';
import type { Unit } from './units.ts';

/** The figures of one run of a case. */
export type Figures = { readonly [U in Unit]?: number };

export interface Case {
  readonly name: string;
  run(): Promise<Figures>;
  /** Name of the case that it is compared with. */
  readonly against?: string;
  /** The least ratio to that case that is wanted, by unit. */
  readonly goals?: Figures;
}

export interface Comparison {
  readonly against: string;
  /** Median over the repetitions of the ratios of runs that stood side by side; above 1 is better than the other. */
  readonly ratio: number;
  readonly goal?: number;
}

export interface Measurement extends Summary {
  readonly part: string;
  readonly name: string;
  readonly unit: Unit;
  /** One figure for each, in the order they were taken. */
  readonly repetitions: readonly number[];
  readonly comparison?: Comparison;
}

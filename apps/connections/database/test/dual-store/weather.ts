/** What a run is mostly made of: each kind of weather brings some faults and some operations more often than others. */
import type { Asked } from './told.ts';

export type Fault =
  | 'view down or up'
  | 'ledger down or up'
  | 'way to the view cut or mended'
  | 'way to the ledger cut or mended'
  | 'breaker opens or closes'
  | 'view falls back'
  | 'process is killed'
  | 'entry is evicted'
  | 'foreign write'
  | 'history is lost';

export interface Weather {
  /** Of a step: that something breaks, that all is mended, that the view saves an image of itself. */
  readonly breaks: number;
  readonly mends: number;
  readonly saves: number;
  /** Of a command: that it is stuck on its way. Of a step: that something stuck arrives. */
  readonly sticks: number;
  readonly arrives: number;
  /** One of these, by chance. */
  readonly faults: readonly Fault[];
  /** One of these, where the task may be there. */
  readonly kinds: readonly Asked['kind'][];
}

/** After each epoch all heals, and is compared. */
export interface RunLength {
  readonly epochs: number;
  readonly steps: number;
}

const mixed: Weather = {
  breaks: 0.025,
  mends: 0.015,
  saves: 0.03,
  sticks: 0.02,
  arrives: 0.06,
  faults: [
    'view down or up',
    'ledger down or up',
    'ledger down or up',
    'way to the view cut or mended',
    'way to the ledger cut or mended',
    'breaker opens or closes',
    'view falls back',
    'process is killed',
    'entry is evicted',
    'foreign write',
    'history is lost',
  ],
  kinds: ['patch', 'patch', 'patch', 'patch', 'put', 'remove'],
};

export const weathers = {
  mixed,
  /** The view loses what it had been told. */
  forgetful: {
    ...mixed,
    breaks: 0.04,
    mends: 0.04,
    saves: 0.06,
    faults: [
      'view falls back',
      'view falls back',
      'entry is evicted',
      'process is killed',
      'view down or up',
    ],
  },
  /** One buffers while the other commits; much is removed. */
  apart: {
    ...mixed,
    breaks: 0.06,
    mends: 0.03,
    faults: ['breaker opens or closes', 'way to the ledger cut or mended', 'entry is evicted'],
    kinds: ['patch', 'put', 'remove', 'remove'],
  },
  /** Little is there to build on: puts begin blind, and removals find nothing. */
  bare: {
    ...mixed,
    breaks: 0.12,
    mends: 0.04,
    saves: 0,
    sticks: 0,
    faults: ['breaker opens or closes', 'entry is evicted'],
    kinds: ['put', 'remove', 'remove', 'remove'],
  },
  /** Much is stuck, and arrives when nobody thinks of it any more. */
  stuck: {
    ...mixed,
    sticks: 0.15,
    arrives: 0.03,
    faults: [
      'entry is evicted',
      'view down or up',
      'foreign write',
      'process is killed',
      'ledger down or up',
      'breaker opens or closes',
    ],
  },
} as const satisfies Record<string, Weather>;

export const shortEpochs: RunLength = { epochs: 4, steps: 30 };
export const longEpochs: RunLength = { epochs: 2, steps: 60 };
export const longestEpochs: RunLength = { epochs: 1, steps: 120 };

const turns: readonly Weather[] = [
  mixed,
  weathers.forgetful,
  mixed,
  weathers.apart,
  mixed,
  weathers.stuck,
  mixed,
  weathers.bare,
];
const lengths: readonly RunLength[] = [shortEpochs, longEpochs, longestEpochs];

/** Half of all runs have mixed weather. */
export function forecast(seed: number): { readonly weather: Weather; readonly length: RunLength } {
  const weather = turns[seed % turns.length] ?? mixed;
  const length = lengths[Math.floor(seed / turns.length) % lengths.length] ?? longEpochs;
  return { weather, length };
}

/** Sequences of commands on a ledger: made up, and those that chance takes long to come to. */
import fc from 'fast-check';

/** Mostly the first: what happens to one task makes the cases. */
const which = fc.constantFrom(0, 0, 0, 0, 1, 2);
const again = fc.constantFrom(0, 0, 0, 1, 2, 3);
/** What the command names as what is there: that, what was there before, something else. */
const aim = fc.constantFrom('right', 'right', 'right', 'right', 'old', 'wrong');

export type Aim = 'right' | 'old' | 'wrong';
export type LedgerCommand =
  | {
      readonly do: 'commit';
      readonly which: number;
      readonly kind: 'put' | 'create' | 'patch' | 'grow' | 'remove';
      /** Repeats the request that was made so many before; 0: a new one. */
      readonly again: number;
      readonly expected: Aim | 'any';
      readonly late: boolean;
    }
  | {
      readonly do: 'settle';
      readonly which: number;
      readonly aim: Aim;
      readonly operations: number;
      readonly removes: boolean;
    }
  /** Another program writes; a process dies between the steps of a settlement; what was removed is forgotten. */
  | { readonly do: 'foreign' | 'abandon' | 'forget'; readonly which: number };

export const anyLedgerCommand = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('commit'),
      which,
      kind: fc.constantFrom('put', 'put', 'create', 'patch', 'patch', 'grow', 'remove', 'remove'),
      again,
      expected: fc.constantFrom('any', 'any', 'any', 'right', 'old', 'wrong'),
      late: fc.nat({ max: 9 }).map((at) => at === 0),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      which,
      aim,
      operations: fc.constantFrom(1, 1, 2, 3, 17),
      removes: fc.nat({ max: 3 }).map((at) => at === 0),
    }),
  },
  fc.record({ do: fc.constantFrom('foreign', 'abandon', 'abandon', 'forget'), which }),
) as fc.Arbitrary<LedgerCommand>;

const commit = { do: 'commit', which: 0, again: 0, expected: 'any', late: false } as const;
const settle = { do: 'settle', which: 0, aim: 'right', operations: 1, removes: false } as const;
/** Cases that chance takes long to come to. */
export const rareLedgerCommands: readonly (readonly LedgerCommand[])[] = [
  [
    { do: 'abandon', which: 0 },
    { ...commit, kind: 'patch' },
    { ...commit, kind: 'create' },
  ],
  [{ do: 'abandon', which: 0 }, { ...commit, kind: 'remove' }, settle],
  [{ do: 'abandon', which: 0 }, settle, { ...settle, removes: true }],
  [
    { ...commit, kind: 'remove' },
    { ...commit, kind: 'remove' },
    { ...settle, aim: 'old' },
    { ...settle, aim: 'right' },
  ],
  [
    { ...commit, kind: 'put' },
    { ...settle, removes: true, operations: 2 },
    { ...commit, kind: 'put' },
    { ...commit, kind: 'remove', again: 1 },
    settle,
  ],
  [
    { ...commit, kind: 'put' },
    { ...settle, operations: 17 },
    { ...commit, kind: 'put', again: 1 },
  ],
];

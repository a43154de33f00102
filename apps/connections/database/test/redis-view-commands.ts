/** Sequences of commands on the view: made up, and those that chance takes long to come to. */
import fc from 'fast-check';
import type { TaskStamp } from '../src/port/task-operation.ts';

/** Mostly the first, and its partition: what happens to one task makes the cases. */
const which = fc.constantFrom(0, 0, 0, 0, 1, 2, 3);
const partition = fc.constantFrom(1, 1, 1, 0);
const stamp = fc.record({
  incarnation: fc.constantFrom('x', 'x', 'x', 'y'),
  revision: fc.integer({ min: 1, max: 4 }),
});
const aim = fc.constantFrom('right', 'right', 'right', 'right', 'none', 'near', 'wrong');
export const anyCommand = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lease'), which }) },
  fc.record({ do: fc.constant('fill'), which, lease: fc.constantFrom(0, 0, 0, 1, 2), stamp }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fetch'), which, stamp }) },
  fc.record({ do: fc.constant('tell'), which, stamp: fc.option(stamp) }),
  fc.record({
    do: fc.constant('append'),
    which,
    aim,
    kind: fc.constantFrom('put', 'patch', 'remove'),
    late: fc.nat({ max: 9 }),
  }),
  fc.record({ do: fc.constant('drop'), which, aim }),
  fc.record({ do: fc.constant('claim'), partition, holder: fc.constantFrom('one', 'other') }),
  fc.record({ do: fc.constant('step'), partition, aim, forget: fc.nat({ max: 1 }) }),
  fc.record({
    do: fc.constant('event'),
    which,
    aim,
    stamp: fc.option(stamp),
    foreign: fc.boolean(),
    forget: fc.nat({ max: 4 }),
  }),
  fc.record({ do: fc.constant('evict'), which }),
  fc.record({ do: fc.constantFrom('lapse', 'save', 'fall back') }),
) as fc.Arbitrary<Command>;

/** What the command names as what is there: that, nothing, almost that, another. */
export type Aim = 'right' | 'none' | 'near' | 'wrong';
export type Command =
  | { readonly do: 'lease' | 'evict'; readonly which: number }
  | { readonly do: 'fill'; readonly which: number; readonly lease: number; readonly stamp: TaskStamp }
  /** A lease and its fill. */
  | { readonly do: 'fetch'; readonly which: number; readonly stamp: TaskStamp }
  | { readonly do: 'tell'; readonly which: number; readonly stamp: TaskStamp | null }
  | {
      readonly do: 'append';
      readonly which: number;
      readonly aim: Aim;
      readonly kind: 'put' | 'patch' | 'remove';
      readonly late: number;
    }
  | { readonly do: 'drop'; readonly which: number; readonly aim: Aim }
  | { readonly do: 'claim'; readonly partition: number; readonly holder: string }
  | { readonly do: 'step'; readonly partition: number; readonly aim: Aim; readonly forget: number }
  | {
      readonly do: 'event';
      readonly which: number;
      readonly aim: Aim;
      readonly stamp: TaskStamp | null;
      readonly foreign: boolean;
      readonly forget: number;
    }
  | { readonly do: 'lapse' | 'save' | 'fall back' };

const x1 = { incarnation: 'x', revision: 1 };
const x2 = { incarnation: 'x', revision: 2 };
export const forget: Command = { do: 'step', partition: 1, aim: 'right', forget: 0 };
const event = { do: 'event', which: 0, aim: 'right', foreign: false, forget: 1 } as const;
/** Cases that chance takes long to come to. */
export const rare: readonly (readonly Command[])[] = [
  [forget, { do: 'fetch', which: 0, stamp: x1 }, forget, { do: 'tell', which: 0, stamp: x2 }],
  [forget, { do: 'fetch', which: 0, stamp: x1 }, { ...event, stamp: x2 }],
  [forget, { do: 'fetch', which: 0, stamp: x2 }, { ...event, stamp: x1 }],
  [forget, { do: 'lease', which: 0 }, forget, { do: 'fill', which: 0, lease: 0, stamp: x1 }],
  [
    forget,
    { do: 'lease', which: 0 },
    { do: 'tell', which: 0, stamp: x2 },
    { do: 'fill', which: 0, lease: 0, stamp: x1 },
  ],
  [
    forget,
    { do: 'fetch', which: 0, stamp: x1 },
    { do: 'tell', which: 0, stamp: x2 },
    { do: 'append', which: 0, aim: 'near', kind: 'put', late: 1 },
  ],
];

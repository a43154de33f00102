/** What was asked of tasks on two stores, what was answered and when, and what was there before and after: all a checker sees. */
import type { ReadToken } from './read-token.ts';

export type Operation = 'put' | 'patch' | 'remove';

/** A task as far as callers change it. Each write sets a key of data that is named as its request. */
export interface Shape {
  readonly status: string;
  readonly keys: readonly string[];
  readonly revision: number;
}

interface Call {
  readonly task: string;
  /** Which of our processes was asked. */
  readonly replica: number;
  /** Milliseconds of `performance.now()`, as `returned`. */
  readonly invoked: number;
  readonly returned: number;
  /** Of a call that was not served; none where nobody answered. */
  readonly reason?: string | undefined;
  /** Of the answer. */
  readonly token?: ReadToken | undefined;
  readonly shown?: Shape | undefined;
}

export interface WriteCall extends Call {
  readonly kind: 'write';
  readonly request: string;
  readonly operation: Operation;
  readonly status: string;
  /** A put that sets no data. */
  readonly plain: boolean;
  readonly allowsBuffer: boolean;
  readonly outcome: 'DURABLE' | 'BUFFERED' | 'REFUSED' | 'UNKNOWN' | 'UNEXPECTED';
  /** Unknown, and it may still happen: nobody answered. */
  readonly open: boolean;
}

export interface ReadCall extends Call {
  readonly kind: 'read';
  readonly strong: boolean;
  /** The token that was sent. */
  readonly given?: ReadToken | undefined;
  readonly source?: 'AUTHORITY' | 'VIEW' | 'VIEW_UNCONFIRMED' | undefined;
  readonly outcome: 'FOUND' | 'NONE' | 'NOT_AS_NEW' | 'UNAVAILABLE' | 'UNEXPECTED';
}

export type TaskCall = WriteCall | ReadCall;

/** A task as it lies in MongoDB. */
export interface Standing extends Shape {
  readonly incarnation: string;
  readonly ring: number;
  readonly transitions: number;
}

export interface TaskEnds {
  /** Several callers write it at once. */
  readonly shared: boolean;
  readonly before: Standing | undefined;
  readonly after: Standing | undefined;
}

/** Of one round: from one moment at which everything was compared to the next. */
export interface RoundEvidence {
  readonly calls: readonly TaskCall[];
  readonly tasks: ReadonlyMap<string, TaskEnds>;
  /** Requests that stand in `conflicts`. */
  readonly conflicts: ReadonlySet<string>;
  /** Redis fell back from its state at the second time to that at the first. */
  readonly lost: readonly [from: number, to: number] | undefined;
  /** Where the view, or a read of it, is not as MongoDB at the end. */
  readonly differences: readonly string[];
  /** Tasks that still wait to come home at the end. */
  readonly waiting: number;
}

/** Which promise is broken, and how. */
export interface Finding {
  readonly invariant: `I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}` | 'ANSWER';
  readonly task: string;
  readonly what: string;
}

/** Nothing says that it did not happen. A removal that finds nothing is one all the same. */
export function mayHaveHappened({ outcome, operation, reason }: WriteCall): boolean {
  return outcome !== 'REFUSED' || (operation === 'remove' && reason === 'TASK_NOT_FOUND');
}

export function isAcknowledged({ outcome }: WriteCall): boolean {
  return outcome === 'DURABLE' || outcome === 'BUFFERED';
}

/** The feed of task changes: what was committed, told at least once, for whoever keeps a copy of tasks true. */
import type { Ending } from '../domain/call-ending.ts';
import type { Task, TaskRef } from './tasks.ts';

/**
 * What became of one incarnation of a task. A change is told by the state that the task has when it is read, so that
 * several commits may be told by one change: after each commit comes a change of its revision or of a later one.
 */
export interface TaskChange {
  readonly ref: TaskRef;
  readonly incarnation: string;
  /** Undefined: this incarnation is over, or never was. */
  readonly task: Task | undefined;
  /** Another program wrote, which counts no revisions: what was known of this revision may be of no use any more. */
  readonly foreign: boolean;
}

export type FeedBatch =
  | {
      readonly outcome: 'CHANGES';
      /** May be empty: a feed that has nothing to tell gives a token at least every second while the store answers. */
      readonly changes: readonly TaskChange[];
      /** Opaque. A feed opened after it tells everything that comes behind this batch, in any process. */
      readonly token: string;
    }
  | {
      /** What was committed since the token is not known any more, or the token is none. It is the last batch. */
      readonly outcome: 'HISTORY_LOST';
      /** For the log. */
      readonly reason: string;
    };

export interface TaskFeed {
  /**
   * Without a token the feed begins now: its first batch comes at once, and tells of every change that is committed after
   * it. The revisions of an incarnation never fall, and of a task that was created again the removal comes first; between
   * tasks there is no order. Reads ahead by one batch at most, however slow its reader is. Lives through the store's
   * absence, during which no batch comes; ends by rejecting with the signal's reason. A token that was answered with
   * HISTORY_LOST is never good again: begin now.
   */
  open(after: string | undefined, signal: Ending): AsyncIterable<FeedBatch>;
}

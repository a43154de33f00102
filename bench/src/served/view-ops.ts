/** What a view of many tasks is measured by: our view on Redis, and the same commands by the vendor's client. */

export const viewOps = [
  /** Of one task: what GetTaskId and v1 Get are answered with. */
  'read',
  /** A durable write is told to the view (rule 3), which sweeps what has expired out of the index as well. */
  'told of a write',
  /** A write is buffered (rule 7), its buffer dropped (rule 8), and the task filled again (rule 5). */
  'buffered, dropped, filled',
  /** One event of the feed (rule 4), which sweeps up to 64 of what has expired. */
  'step of the feed',
  /** The drainer's look at what waits (rule 8), in all partitions. */
  'look at what waits',
  /** Fifty tasks (rule 9). */
  'page of a list',
] as const;

export type ViewOp = (typeof viewOps)[number];
export type ViewWay = 'bare' | 'ours';

export interface ViewClient {
  /** `index` tells one call from another. */
  perform(op: ViewOp, index: number): Promise<unknown>;
}

export type ViewQuestion =
  /** Opens a view at the URL and puts so many tasks into it. Answers with what Redis has for each. */
  | { readonly ask: 'fill'; readonly url: string; readonly tasks: number }
  /** The processor time is that of this process and of Redis together. */
  | {
      readonly ask: 'run';
      readonly way: ViewWay;
      readonly op: ViewOp;
      readonly tasks: number;
      readonly runMs: number;
    };

export interface ViewFilled {
  readonly bytesPerTask: number;
}

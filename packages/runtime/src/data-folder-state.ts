/** What a start would find where an embedded driver keeps the data of a service. */

export interface DataFolderState {
  /** Absolute. */
  readonly folder: string;
  /** Whether there is a store in it. */
  readonly holdsData: boolean;
  /** A running process has it open. */
  readonly inUse: boolean;
  /** What a start would fail with, in one line that ends with the way out; undefined when it would not. */
  readonly problem: string | undefined;
}

/** What `sample` did with each thing that it puts in. */

export interface SampleOutcome {
  /** `kept`: there already when adding; `left`: not ours, or nothing that can be removed; `absent`: not there to remove. */
  readonly did: 'added' | 'kept' | 'removed' | 'left' | 'absent';
  readonly kind: 'schema' | 'task' | 'queue' | 'messages' | 'dead letter';
  readonly name: string;
  readonly note?: string;
}

/** Written into everything that can hold it; what does not have it is not taken away. */
export const sampleMark = 'connections sample';

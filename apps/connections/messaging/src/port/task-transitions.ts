/** The one thing that messaging asks of tasks: whether the task a message is about has moved. */

export interface WatchedTask {
  /** Resolves when the task has left the status it was first seen in; waits for a task that is not there yet. */
  readonly left: Promise<void>;
}

export interface TaskTransitions {
  /**
   * Resolves when the task's status has been read; what moves the task after that is not missed. A store that cannot
   * answer is asked again, not reported. Rejects with the signal's reason when that aborts, and so does `left`.
   */
  watch(task: { readonly category: string; readonly id: string }, signal: AbortSignal): Promise<WatchedTask>;
}

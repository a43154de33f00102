/** The one thing that messaging asks of tasks: whether the task a message is about has moved. */

export interface TaskTransitions {
  /**
   * Resolves when the task has left the first status it was seen in; waits for a task that is not there yet.
   * Rejects with the signal's reason when that aborts. A store that cannot answer is asked again, not reported.
   */
  leftFirstStatus(
    task: { readonly category: string; readonly id: string },
    signal: AbortSignal,
  ): Promise<void>;
}

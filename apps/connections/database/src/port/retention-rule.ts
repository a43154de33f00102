/** How long tasks are kept that are not kept for ever. */

export interface RetentionRule {
  /** Since the last change. */
  readonly keptMs: number;
  readonly statuses: readonly string[];
  /** `not in`: of tasks in any other status. */
  readonly is: 'in' | 'not in';
}

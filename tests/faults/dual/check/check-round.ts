/** The invariants I1 to I9 of the dual store, applied to what one round left behind. Pure. */

import type { Finding, RoundEvidence, TaskCall, TaskEnds, WriteCall } from './history.ts';
import { checkKept } from './kept-writes.ts';
import { checkRevisions } from './revisions.ts';
import { checkOrder } from './task-order.ts';

/** I9: of one task in MongoDB. */
const mostInRing = 16;
const mostTransitions = 100;

export interface RoundCheck {
  readonly findings: readonly Finding[];
  /** Tasks of which the order could not be followed to its end. */
  readonly blurred: number;
}

/** `tasks` has all that there are and that calls name. */
export function checkRound(evidence: RoundEvidence): RoundCheck {
  const findings: Finding[] = [];
  let blurred = 0;
  for (const what of evidence.differences) findings.push({ invariant: 'I5', task: '', what });
  if (evidence.waiting > 0) {
    findings.push({ invariant: 'I5', task: '', what: `${evidence.waiting} tasks are still buffered` });
  }
  const byTask = callsByTask(evidence.calls);
  for (const [task, ends] of evidence.tasks) {
    // Of a task that nobody asked for, too: it is to be what it was.
    const calls = byTask.get(task) ?? [];
    findings.push(
      ...unexpected(task, calls),
      ...checkRevisions(task, ends, calls),
      ...beyondBounds(task, ends),
    );
    findings.push(...checkKept(task, ends, calls.filter(isWrite), evidence));
    if (ends.shared) continue;
    const order = checkOrder(task, ends, calls, evidence);
    findings.push(...order.findings);
    if (order.blurred) blurred++;
  }
  return { findings, blurred };
}

function callsByTask(calls: readonly TaskCall[]): Map<string, TaskCall[]> {
  const byTask = new Map<string, TaskCall[]>();
  for (const call of calls) byTask.set(call.task, [...(byTask.get(call.task) ?? []), call]);
  return byTask;
}

function unexpected(task: string, calls: readonly TaskCall[]): Finding[] {
  const odd = calls.filter(({ outcome }) => outcome === 'UNEXPECTED');
  return odd.map(({ kind, reason = '' }) => ({
    invariant: 'ANSWER',
    task,
    what: `a ${kind} was answered with ${reason}`,
  }));
}

function beyondBounds(task: string, { after }: TaskEnds): Finding[] {
  if (!after || (after.ring <= mostInRing && after.transitions <= mostTransitions)) return [];
  return [
    { invariant: 'I9', task, what: `${after.ring} requests, ${after.transitions} transitions are kept` },
  ];
}

function isWrite(call: TaskCall): call is WriteCall {
  return call.kind === 'write';
}

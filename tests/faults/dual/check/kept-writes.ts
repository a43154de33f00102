/** I1 and I6 of any task, also where several callers write at once; and that what was refused is not there. */
import {
  type Finding,
  isAcknowledged,
  mayHaveHappened,
  type RoundEvidence,
  type TaskEnds,
  type WriteCall,
} from './history.ts';

export function checkKept(
  task: string,
  { before, after }: TaskEnds,
  writes: readonly WriteCall[],
  { conflicts, lost }: RoundEvidence,
): Finding[] {
  const kept = new Set(after?.keys);
  const isDurable = new Set(
    writes.filter(({ outcome }) => outcome === 'DURABLE').map(({ request }) => request),
  );
  const resets = writes.filter((call) => call.operation !== 'patch' && mayHaveHappened(call));
  const missing = writes.filter((call) => isAcknowledged(call) && leavesKey(call) && !kept.has(call.request));
  const undone = missing.filter((call) => !resets.some((reset) => mayUndo(reset, call)));
  const findings: Finding[] = [];
  for (const call of undone) {
    const { request, outcome, invoked, returned } = call;
    if (isDurable.has(request)) {
      if (outcome === 'DURABLE') findings.push({ invariant: 'I1', task, what: `${request} is gone` });
    } else if (!conflicts.has(request) && !(lost && returned >= lost[0] && invoked <= lost[1])) {
      findings.push({ invariant: 'I6', task, what: `${request} is gone, and in no conflict` });
    }
  }
  const known = new Set([
    ...(before?.keys ?? []),
    ...writes.filter(mayHaveHappened).map(({ request }) => request),
  ]);
  for (const key of kept) {
    if (!known.has(key)) findings.push({ invariant: 'I2', task, what: `${key} was refused, and is there` });
  }
  for (const { request, outcome, allowsBuffer } of writes) {
    if (outcome !== 'BUFFERED' || allowsBuffer) continue;
    findings.push({ invariant: 'ANSWER', task, what: `${request} did not allow a buffer, and was BUFFERED` });
  }
  return findings;
}

function leavesKey({ operation, plain }: WriteCall): boolean {
  return operation === 'patch' || (operation === 'put' && !plain);
}

/** It came later, or at the same time, or nobody knows when. */
function mayUndo(reset: WriteCall, call: WriteCall): boolean {
  return reset.request !== call.request && (reset.open || reset.returned > call.invoked);
}

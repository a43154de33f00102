/** I3, I4 and I7 by revisions, of any task: they never fall, no token is answered with a smaller one, no request counts twice. */
import { type Finding, mayHaveHappened, type TaskCall, type TaskEnds, type WriteCall } from './history.ts';

interface Seen {
  readonly invoked: number;
  readonly returned: number;
  readonly incarnation: string;
  readonly revision: number;
}

export function checkRevisions(
  task: string,
  { before, after }: TaskEnds,
  calls: readonly TaskCall[],
): Finding[] {
  const findings: Finding[] = [];
  for (const call of calls) {
    const { token } = call;
    if (call.kind !== 'read' || call.given?.kind !== 'STAMP' || token?.kind !== 'STAMP') continue;
    if (token.incarnation === call.given.incarnation && token.revision < call.given.revision) {
      findings.push({
        invariant: 'I4',
        task,
        what: `revision ${token.revision} for a token of ${call.given.revision}`,
      });
    }
  }
  const first = before && {
    ...before,
    invoked: Number.NEGATIVE_INFINITY,
    returned: Number.NEGATIVE_INFINITY,
  };
  const last = after && { ...after, invoked: Number.POSITIVE_INFINITY, returned: Number.POSITIVE_INFINITY };
  const seen = [first, ...calls.map(committedStamp), last].filter((each) => each !== undefined);
  for (const { incarnation, revision, floor } of withFloors(seen)) {
    if (revision >= floor) continue;
    findings.push({ invariant: 'I3', task, what: `revision ${revision} of ${incarnation} after ${floor}` });
  }
  const writes = calls.filter((call): call is WriteCall => call.kind === 'write').filter(mayHaveHappened);
  const requests = new Set(writes.map(({ request }) => request)).size;
  const most = requests + (before?.revision ?? 0);
  if (after && after.revision > most) {
    findings.push({ invariant: 'I7', task, what: `${after.revision} revisions of at most ${most} requests` });
  }
  return findings;
}

/** Of answers that only MongoDB can have given. */
function committedStamp(call: TaskCall): Seen | undefined {
  const { token, invoked, returned } = call;
  const isCommitted = call.kind === 'write' ? call.outcome === 'DURABLE' : call.strong;
  return isCommitted && token?.kind === 'STAMP' ? { ...token, invoked, returned } : undefined;
}

/** Each with the greatest revision of its incarnation that was answered before it was asked for. */
function withFloors(seen: readonly Seen[]): (Seen & { readonly floor: number })[] {
  const byEnd = seen.toSorted((one, other) => one.returned - other.returned);
  const floors = new Map<string, number>();
  let ended = 0;
  return seen
    .toSorted((one, other) => one.invoked - other.invoked)
    .map((each) => {
      for (let past = byEnd[ended]; past && past.returned < each.invoked; past = byEnd[++ended]) {
        floors.set(past.incarnation, Math.max(floors.get(past.incarnation) ?? 0, past.revision));
      }
      return { ...each, floor: floors.get(each.incarnation) ?? 0 };
    });
}

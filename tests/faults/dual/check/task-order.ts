/**
 * I2, I4, I7 and I8 of a task with one caller, who waits for each answer: every answer, and what is there in the end, is
 * what its acknowledged writes make of it in their order. A BUFFERED one that stands in `conflicts`, or that Redis may have
 * lost, may or may not count, as an unknown one.
 */
import {
  type Finding,
  isAcknowledged,
  mayHaveHappened,
  type ReadCall,
  type RoundEvidence,
  type TaskCall,
  type TaskEnds,
  type WriteCall,
} from './history.ts';
import { mostStates, PossibleStates } from './possible-states.ts';

export interface OrderCheck {
  readonly findings: readonly Finding[];
  /** Too many writes of unknown outcome: the rest of the order was not looked at. */
  readonly blurred: boolean;
}

export function checkOrder(
  task: string,
  { before, after }: TaskEnds,
  calls: readonly TaskCall[],
  evidence: RoundEvidence,
): OrderCheck {
  const findings: Finding[] = [];
  const found = (invariant: Finding['invariant'], what: string) => findings.push({ invariant, task, what });
  let states = PossibleStates.of(before);
  /** As if MongoDB were asked: nothing of what is buffered needs be there. */
  let committed = states;
  /** What the newest answer from a buffer showed, which may have been begun on a view that is older than MongoDB. */
  let inBuffer: PossibleStates | undefined;
  /** The newest write, when it is one that has to be there. */
  let newest: string | undefined;
  for (const step of stepsOf(calls)) {
    if ('kind' in step) {
      const broken = brokenRead(step, { states, committed, inBuffer, newest });
      if (broken) found(...broken);
      continue;
    }
    const [first] = step.attempts;
    const mayWait = step.attempts.some(({ outcome }) => outcome !== 'DURABLE');
    const write = { ...first, mayWait };
    const saysAbsent = step.attempts.length === 1 && first.reason === 'TASK_NOT_FOUND';
    if (saysAbsent && !committed.mayBeAbsent && !inBuffer?.mayBeAbsent)
      found('I8', `${first.request} found no task: ${committed}`);
    const fate = fateOf(step.attempts, evidence);
    inBuffer = fate.shown
      ? PossibleStates.of(fate.shown.shape)
      : fate.may
        ? inBuffer?.maybeAfter(write)
        : inBuffer;
    newest = fate.counts ? first.request : undefined;
    states = fate.counts ? states.after(write) : fate.may ? states.maybeAfter(write) : states;
    committed = fate.committed ? committed.after(write) : fate.may ? committed.maybeAfter(write) : committed;
    if (states.size === 0 || committed.size === 0) {
      found('I2', `${first.request} was acknowledged on a task that cannot be there`);
      return { findings, blurred: false };
    }
    if (Math.max(states.size, committed.size) > mostStates) return { findings, blurred: true };
  }
  if (!states.allows(after, { counts: false })) {
    found('I2', `${shapeText(after)} in place of ${states}`);
  } else if (!states.allows(after, { counts: true })) {
    found('I7', `${shapeText(after)}: another number of writes than ${states}`);
  }
  return { findings, blurred: false };
}

type Step = ReadCall | { readonly attempts: readonly [WriteCall, ...WriteCall[]] };

/** Attempts of one request follow each other. */
function stepsOf(calls: readonly TaskCall[]): Step[] {
  const steps: Step[] = [];
  let attempts: [WriteCall, ...WriteCall[]] | undefined;
  for (const call of calls.toSorted((one, other) => one.invoked - other.invoked)) {
    if (call.kind === 'read') {
      steps.push(call);
    } else if (attempts?.[0].request === call.request) {
      attempts.push(call);
    } else {
      attempts = [call];
      steps.push({ attempts });
    }
  }
  return steps;
}

function fateOf(attempts: readonly [WriteCall, ...WriteCall[]], { conflicts, lost }: RoundEvidence) {
  const [{ request, operation }] = attempts;
  const may = attempts.some(mayHaveHappened);
  const durable = attempts.some(({ outcome }) => outcome === 'DURABLE');
  const isLost = attempts.some((call) => lost && call.returned >= lost[0] && call.invoked <= lost[1]);
  const isKept = !conflicts.has(request) && !isLost;
  const foundNothing = operation === 'remove' && attempts.every(({ reason }) => reason === 'TASK_NOT_FOUND');
  const acknowledged = attempts.some(isAcknowledged) || foundNothing;
  const last = attempts.findLast(isAcknowledged);
  const shown = last?.outcome === 'BUFFERED' ? { shape: last.shown } : undefined;
  return { may, shown, committed: durable, counts: durable || (acknowledged && isKept) };
}

interface Known {
  readonly states: PossibleStates;
  readonly committed: PossibleStates;
  readonly inBuffer: PossibleStates | undefined;
  readonly newest: string | undefined;
}

function brokenRead(
  read: ReadCall,
  { states, committed, inBuffer, newest }: Known,
): readonly [Finding['invariant'], string] | undefined {
  const { outcome, strong, given, shown, source } = read;
  if (outcome === 'NONE' && ![committed, states, inBuffer].some((known) => known?.mayBeAbsent)) {
    return ['I8', `NOT_FOUND, and there is ${states}`];
  }
  if (outcome === 'NOT_AS_NEW' && (given?.kind !== 'BUFFERED' || given.request === newest)) {
    return ['I4', 'a token was refused whose write is kept'];
  }
  if (outcome !== 'FOUND' && outcome !== 'NONE') return undefined;
  // Without a token a view may be a moment old.
  if (!strong && given === undefined) return undefined;
  const allowed = strong ? committed : states;
  if (allowed.allows(shown, { counts: false })) return undefined;
  // With both, it has what the token stands for though MongoDB alone would not need to.
  if (strong && states.allows(shown, { counts: false })) return undefined;
  if (given?.kind === 'BUFFERED' && inBuffer?.allows(shown, { counts: false })) return undefined;
  return [
    'I4',
    `${strong ? 'a STRONG read' : `a read with a token (${source})`}: ${shapeText(shown)} in place of ${allowed}`,
  ];
}

function shapeText(shape: TaskEnds['after'] | ReadCall['shown']): string {
  return shape ? `${shape.status}|${shape.keys.join()}|${shape.revision}` : 'none';
}

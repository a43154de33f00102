/** Rounds counted together, the line that says so, and what of it is broken. */
import type { Finding, ReadCall, WriteCall } from './check/history.ts';
import type { DualRound } from './dual-round.ts';

/** Of a round, on the average. */
const leastAcknowledged = 20;
/** I5: from the end of the last fault until the view is as MongoDB. */
export const promisedRestMs = 5_000;

export class DualTally {
  readonly #faults = new Map<string, number>();
  readonly #writes = new Map<string, number>();
  readonly #reads = new Map<string, number>();
  readonly #restedMs: number[] = [];
  readonly #findings: Finding[] = [];
  #rounds = 0;
  #calm = 0;
  #blurred = 0;
  #conflicts = 0;

  add({ faults, calls, disturbed, conflicts, restedMs, check }: DualRound): void {
    this.#rounds++;
    for (const fault of faults) count(this.#faults, fault);
    for (const call of calls) {
      if (call.kind === 'write') count(this.#writes, writeKind(call));
      else count(this.#reads, readKind(call));
    }
    if (disturbed === 0) this.#calm++;
    this.#conflicts += conflicts;
    this.#restedMs.push(restedMs);
    this.#blurred += check.blurred;
    this.#findings.push(...check.findings);
  }

  /** One line for each promise that is broken. Only of a time `room` times as much may pass. */
  broken(room: number): string[] {
    const acknowledged = (this.#writes.get('DURABLE') ?? 0) + (this.#writes.get('BUFFERED') ?? 0);
    const faults = [...this.#faults.values()].reduce((sum, each) => sum + each, 0);
    if (faults === 0 || this.#calm === this.#rounds || acknowledged < leastAcknowledged * this.#rounds) {
      return [
        `void: ${faults} faults, ${this.#calm} of ${this.#rounds} rounds in which nobody met one, ${acknowledged} acknowledged writes`,
      ];
    }
    const broken = this.#findings.map(({ invariant, task, what }) => `${invariant} ${task}: ${what}`);
    const slowest = Math.max(...this.#restedMs);
    if (slowest > promisedRestMs * room)
      broken.push(`the view was as MongoDB after ${slowest.toFixed(0)} ms`);
    return broken;
  }

  toString(): string {
    const rested = this.#restedMs.toSorted((one, other) => one - other);
    const late = rested.filter((ms) => ms > promisedRestMs).length;
    const by = (...names: readonly Finding['invariant'][]) =>
      this.#findings.filter(({ invariant }) => names.includes(invariant)).length;
    return [
      `${this.#rounds} rounds`,
      `faults ${textOf(this.#faults)}`,
      `writes ${textOf(this.#writes)}`,
      `reads ${textOf(this.#reads)}`,
      `lost or undone ${by('I1', 'I2', 'I6')}, twice ${by('I7')}, older ${by('I3', 'I4')}, untrue ${by('I8', 'ANSWER')}, unlike ${by('I5')}, unbounded ${by('I9')}`,
      `order not followed of ${this.#blurred} tasks`,
      `buffered writes in conflict ${this.#conflicts}`,
      `view as MongoDB after p50 ${ms(rested[Math.floor(rested.length / 2)])}, max ${ms(rested.at(-1))} (${late} later than ${promisedRestMs} ms)`,
    ].join('; ');
  }
}

function writeKind({ outcome, open }: WriteCall): string {
  return outcome === 'UNKNOWN' && open ? 'unanswered' : outcome;
}

function readKind({ outcome, source, given, strong }: ReadCall): string {
  const how = strong ? 'STRONG ' : given ? 'token ' : '';
  return `${how}${outcome === 'FOUND' ? source : outcome}`;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function textOf(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted()
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');
}

function ms(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(0)} ms`;
}

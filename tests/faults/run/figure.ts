/** One promise as a figure: what was measured, and what of it is broken. */

export interface Figure {
  /** With its goal. */
  readonly measured: string;
  readonly broken: readonly string[];
}

/** The value at that share of them, of as many as there are: an argument for each would be too many for `Math.max`. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** `value` with its goal, and whether it is beyond `room` times that. */
export function held(
  what: string,
  value: number,
  goal: number,
  unit: string,
  room = 1,
): { readonly text: string; readonly broken: readonly string[] } {
  const text = `${what} ${value.toFixed(value < 10 ? 1 : 0)} ${unit} (goal ${goal})`;
  return { text, broken: value <= goal * room ? [] : [`${text}, more than ${goal * room}`] };
}

/** How a line ends. */
export function verdictText(broken: readonly string[]): string {
  return broken.length === 0 ? 'kept' : `BROKEN: ${broken.slice(0, 3).join('; ')}`;
}

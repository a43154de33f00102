/** Figures as people read them. */
import type { Comparison, Measurement } from '../measure/measurement.ts';

/** Three significant digits, or all before the point. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** How far the repetitions lie apart. */
export function spread({ min, max }: Measurement): string {
  return `${figure(min)} – ${figure(max)}`;
}

export function ratio({ ratio: value, goal }: Comparison): string {
  return goal === undefined ? value.toFixed(2) : `${value.toFixed(2)} (goal ${goal.toFixed(2)})`;
}

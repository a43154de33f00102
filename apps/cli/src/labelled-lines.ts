/** One thing as lines of label and value. */
import { printable, textWidth } from './text-width.ts';

/** The values in one column. Neither labels nor values are cut. */
export function labelledLines(rows: readonly (readonly [label: string, value: string])[]): string {
  const lines = rows.map(([label, value]) => [printable(label), printable(value)] as const);
  const width = Math.max(0, ...lines.map(([label]) => textWidth(label)));
  return lines
    .map(([label, value]) => `${label}${' '.repeat(width - textWidth(label))}  ${value}`.trimEnd())
    .join('\n');
}

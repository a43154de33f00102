/** Results as text for a terminal. */
import { figure, ratio, spread } from './figures.ts';
import type { PartResults } from './results.ts';

const titles = ['case', 'median', 'unit', 'spread', 'ratio'];

export function renderTable({ title, measurements }: PartResults): string {
  const rows = measurements.map((one) => [
    one.name,
    figure(one.median),
    one.unit,
    spread(one),
    one.comparison ? ratio(one.comparison) : '',
  ]);
  const widths = titles.map((heading, column) =>
    Math.max(...[heading, ...rows.map((row) => row[column] ?? '')].map(({ length }) => length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [title, '', line(titles), ...rows.map(line), ''].join('\n');
}

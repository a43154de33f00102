/** Tables for people: columns aligned by what a terminal shows, cut to its width. */
import { styleText } from 'node:util';
import type { Terminal } from './terminal.ts';
import { cutText, printable, textWidth } from './text-width.ts';

export interface Column {
  readonly title: string;
  /** @default 'left' */
  readonly align?: 'left' | 'right';
  /** Cut only when cutting the others is not enough: for names that a person copies. @default false */
  readonly whole?: boolean;
  /** How a cell looks where there is colour. */
  readonly style?: (cell: string) => CellStyle | undefined;
}

export type CellStyle = 'bold' | 'dim' | 'green' | 'yellow' | 'red';

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

const gap = '  ';
/** A column is cut no further, so that what is left of it still says something. */
const narrowest = 8;

/** Without a line break at its end. Where the output is no terminal nothing is cut, so that pipes get whole values. */
export function renderTable(
  { columns, rows }: Table,
  terminal: Pick<Terminal, 'columns' | 'colour'>,
): string {
  const cells = rows.map((row) => columns.map((_, index) => printable(row[index] ?? '')));
  const natural = columns.map(({ title }, index) =>
    cells.reduce((width, row) => Math.max(width, textWidth(row[index] ?? '')), textWidth(title)),
  );
  const widths = terminal.columns === undefined ? natural : fit(natural, columns, terminal.columns);
  const line = (texts: readonly string[], styles: readonly (CellStyle | undefined)[]) =>
    columns
      .map(({ align }, index) => {
        const text = cutText(texts[index] ?? '', widths[index] ?? 0);
        const filling = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(text)));
        const style = terminal.colour ? styles[index] : undefined;
        const shown = style ? styleText(style, text, { validateStream: false }) : text;
        if (align === 'right') return filling + shown;
        return index === columns.length - 1 ? shown : shown + filling;
      })
      .join(gap)
      .trimEnd();
  return [
    line(
      columns.map(({ title }) => title),
      columns.map(() => 'bold'),
    ),
    ...cells.map((row) =>
      line(
        row,
        columns.map(({ style }, index) => style?.(row[index] ?? '')),
      ),
    ),
  ].join('\n');
}

/** Takes from the widest column, one by one, until the line fits; from those that stay whole only at the end. */
function fit(natural: readonly number[], columns: readonly Column[], available: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - available;
  for (const whole of [false, true]) {
    while (excess > 0) {
      const open = widths.map((width, index) => ((columns[index]?.whole ?? false) === whole ? width : 0));
      const widest = Math.max(...open);
      if (widest <= narrowest) break;
      widths[open.indexOf(widest)] = widest - 1;
      excess--;
    }
  }
  return widths;
}

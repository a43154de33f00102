/** A diff of JSON documents as lines for people: `-` is the old document, `+` the new one. */
import { styleText } from 'node:util';
import type { Json, JsonChange } from './json-diff.ts';
import { harmlessJson } from './json-output.ts';
import type { Terminal } from './terminal.ts';
import { printable, textWidth } from './text-width.ts';

/** Beyond it, a value is laid out on lines of its own. */
const usualColumns = 100;

export function diffText(
  changes: readonly JsonChange[],
  { columns = usualColumns, colour }: Pick<Terminal, 'columns' | 'colour'>,
): string {
  const painted = (format: 'red' | 'green', text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  const lines: string[] = [];
  for (const change of changes) {
    const path = printable(change.path === '' ? '(whole document)' : change.path);
    if ('old' in change) {
      for (const line of valueLines(path, change.old, columns)) lines.push(painted('red', `- ${line}`));
    }
    if ('new' in change) {
      for (const line of valueLines(path, change.new, columns)) lines.push(painted('green', `+ ${line}`));
    }
  }
  return lines.join('\n');
}

function valueLines(path: string, value: Json, columns: number): string[] {
  const line = `${path}: ${harmlessJson(JSON.stringify(value))}`;
  if (typeof value !== 'object' || value === null || textWidth(line) + 2 <= columns) return [line];
  return `${path}: ${harmlessJson(JSON.stringify(value, undefined, 2))}`.split('\n');
}

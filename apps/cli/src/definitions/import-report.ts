/** What is said of an import when it has ended. */
import { CliError } from '../cli-error.ts';
import { failedCallCode } from '../exit-codes.ts';
import { printJson } from '../json-output.ts';
import { type Column, renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { printable } from '../text-width.ts';
import type { ImportedItem } from './imported-item.ts';

export interface ImportReport {
  readonly namespace: string;
  readonly dryRun: boolean;
  readonly items: readonly ImportedItem[];
}

const columns: readonly Column[] = [
  { title: 'KIND' },
  { title: 'NAME', whole: true },
  { title: 'OUTCOME' },
  { title: 'VERSIONS ADDED', align: 'right' },
];

const outcomes = ['created', 'updated', 'unchanged', 'refused'] as const;

/** Throws when something was refused. */
export function reportImport(
  { namespace, dryRun, items }: ImportReport,
  { json }: { readonly json?: true },
  terminal: Terminal,
): void {
  if (json) printJson(terminal, { namespace, dryRun, items });
  else if (items.length > 0) terminal.print(renderTable({ columns, rows: items.map(row) }, terminal));
  terminal.note(summary(items, dryRun));
  const renumbered = items.filter((item) => item.renumbered);
  if (renumbered.length > 0) {
    const names = `${renumbered[0]?.name}${renumbered.length > 1 ? ` and ${renumbered.length - 1} more` : ''}`;
    const have = dryRun ? 'would have' : 'have';
    terminal.note(
      printable(`versions ${have} other numbers than in the file, which only their service gives: ${names}`),
    );
  }
  const refused = items.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  for (const problem of refused) terminal.note(printable(problem));
  if (refused.length > 0) {
    throw new CliError(`${refused.length} of ${items.length} definitions were refused`, {
      hint: 'correct them in the file and import it again',
      exitCode: failedCallCode('INVALID_ARGUMENT'),
    });
  }
}

function summary(items: readonly ImportedItem[], dryRun: boolean): string {
  const counts = outcomes.flatMap((outcome) => {
    const count = items.filter((item) => item.outcome === outcome).length;
    return count > 0 ? [`${count} ${outcome}`] : [];
  });
  const text = counts.join(', ') || 'there are no definitions';
  return dryRun ? `nothing was changed; it would be: ${text}` : text;
}

function row({ kind, name, outcome, addedVersions }: ImportedItem): string[] {
  return [kind, name, outcome, addedVersions ? String(addedVersions) : ''];
}

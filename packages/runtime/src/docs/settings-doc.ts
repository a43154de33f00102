/** The documents that are made from tables of settings. */
import type { Setting } from '../settings/setting.ts';
import type { SettingsTable } from '../settings/settings-table.ts';
import { markdownTable } from './markdown-table.ts';

export interface TitledTable {
  readonly title: string;
  readonly table: SettingsTable;
}

/** `.env.example`: every setting as a comment with its default, ready to be uncommented. */
export function renderEnvExample(tables: readonly TitledTable[]): string {
  const sections = withoutRepeats(tables).map(({ title, rows }) => {
    const settings = rows.map(
      (row) => `# ${row.doc}\n# Expects ${row.expects}.\n#${row.env}=${shownDefault(row)}\n`,
    );
    return `### ${title}\n\n${settings.join('\n')}`;
  });
  const head =
    '# Copy to .env and uncomment what you change. What the shell sets wins; empty counts as unset.\n';
  return [head, ...sections].join('\n');
}

/** `docs/settings.md`. */
export function renderSettingsDoc(tables: readonly TitledTable[]): string {
  const sections = withoutRepeats(tables).map(({ title, rows }) => {
    const cells = rows.map((row) => [
      row.secret ? `\`${row.env}\` or \`${row.env}_FILE\`` : `\`${row.env}\``,
      shownDefault(row) && `\`${shownDefault(row)}\``,
      row.expects,
      row.doc,
    ]);
    return `## ${title}\n\n${markdownTable(['variable', 'default', 'expects', 'meaning'], cells)}\n`;
  });
  const head = `# Settings

Environment variables, read once at the start, from the shell and from a \`.env\` file in the working folder; the shell
wins and empty counts as unset. A secret may stand in a file named by the variable with \`_FILE\`. A value that is not
valid, or a misspelt name, stops the start with exit code 2 and a line for each.
`;
  return [head, ...sections].join('\n');
}

/** Rows that tables share stand under the first. */
function withoutRepeats(tables: readonly TitledTable[]) {
  const seen = new Set<string>();
  return tables.map(({ title, table }) => ({
    title,
    rows: Object.values(table).filter(({ env }) => !seen.has(env) && seen.add(env)),
  }));
}

function shownDefault(row: Setting<unknown>): string {
  return row.secret ? '' : row.show(row.default);
}

/** What `connections import-legacy` has found by now, and what it says of it. */
import type { ImportLegacyTasksResponse, UnreadableLegacyTask } from '@connections/proto-utils/v1/tasks';
import { printJson } from './json-output.ts';
import { labelledLines } from './labelled-lines.ts';
import { type Column, renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Page = Omit<ImportLegacyTasksResponse, 'nextPageToken'>;

/** What is wrong with more of them is not told: these are mended first. */
const maxProblems = 100;
/** How often the terminal hears that it goes on. */
const keysPerNote = 10_000;

const columns: readonly Column[] = [{ title: 'UNREADABLE', whole: true }, { title: 'PROBLEM' }];

export class LegacyReport {
  /** False: what would be imported is counted, and nothing is changed. */
  readonly applied: boolean;
  readonly #terminal: Terminal;
  readonly #problems: UnreadableLegacyTask[] = [];
  #counts = { found: 0, known: 0, removed: 0, imported: 0, unreadable: 0 };

  constructor(applied: boolean, terminal: Terminal) {
    this.applied = applied;
    this.#terminal = terminal;
  }

  get counts(): Omit<Page, 'problems'> {
    return this.#counts;
  }

  add({ found, known, removed, imported, unreadable, problems }: Page): void {
    const before = this.#counts;
    this.#counts = {
      found: before.found + found,
      known: before.known + known,
      removed: before.removed + removed,
      imported: before.imported + imported,
      unreadable: before.unreadable + unreadable,
    };
    this.#problems.push(...problems.slice(0, maxProblems - this.#problems.length));
    const rounds = Math.floor(this.#counts.found / keysPerNote);
    if (rounds > Math.floor(before.found / keysPerNote)) {
      this.#terminal.note(`looked at ${this.#counts.found} keys`);
    }
  }

  print({ json }: { readonly json?: true }): void {
    const { applied, counts } = this;
    if (json) printJson(this.#terminal, { applied, ...counts, problems: this.#problems });
    else this.#printText();
    if (!applied && counts.imported > 0) {
      this.#terminal.note('nothing was changed: import them with --apply');
    }
  }

  #printText(): void {
    const { found, known, removed, imported, unreadable } = this.#counts;
    const lines: [string, string][] = [
      ['found', String(found)],
      ['known', String(known)],
      ['removed in the last day', String(removed)],
      [this.applied ? 'imported' : 'to import', String(imported)],
      ['unreadable', String(unreadable)],
    ];
    this.#terminal.print(labelledLines(lines));
    if (this.#problems.length === 0) return;
    const rows = this.#problems.map(({ key, problem }) => [key, problem]);
    this.#terminal.print(`\n${renderTable({ columns, rows }, this.#terminal)}`);
    const more = unreadable - this.#problems.length;
    if (more > 0) this.#terminal.note(`and ${more} more that are unreadable`);
  }
}

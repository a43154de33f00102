/** What was found on one page of an import, key by key. */

export interface UnreadableTask {
  readonly key: string;
  readonly problem: string;
}

export interface LegacyCounts {
  readonly known: number;
  readonly removed: number;
  readonly imported: number;
  readonly unreadable: number;
}

const maxProblems = 100;
const shownKeyLength = 256;

export class LegacyTally {
  readonly counts: { -readonly [Name in keyof LegacyCounts]: LegacyCounts[Name] } = {
    known: 0,
    removed: 0,
    imported: 0,
    unreadable: 0,
  };
  /** Of the first of the unreadable. */
  readonly problems: UnreadableTask[] = [];

  unreadable(key: string, problem: string): void {
    this.counts.unreadable++;
    if (this.problems.length < maxProblems) this.problems.push({ key: shownKey(key), problem });
  }
}

/** Never half of a character, which a reply could not hold. */
function shownKey(key: string): string {
  if (key.length <= shownKeyLength) return key;
  return `${key.slice(0, shownKeyLength).replace(/\p{Surrogate}$/u, '')}…`;
}

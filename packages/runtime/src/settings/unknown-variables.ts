/** Finds misspelt variables: names of ours by their prefix that no table knows but that come near one that does. */
import type { SettingProblem } from './settings-error.ts';
import type { Environment } from './settings-table.ts';

const prefixes = ['CONNECTIONS_', 'DATABASE_', 'MESSAGING_', 'EMBEDDED_'];
const furthest = 2;

/**
 * A name that is near none is left alone: orchestrators and other programs set variables with the same prefixes.
 */
export function unknownVariables(env: Environment, known: readonly string[]): SettingProblem[] {
  const problems: SettingProblem[] = [];
  for (const variable of Object.keys(env)) {
    if (known.includes(variable) || !prefixes.some((prefix) => variable.startsWith(prefix))) continue;
    const near = nearestName(variable, known);
    if (near) {
      problems.push({ variable, given: undefined, expected: `no such setting; did you mean ${near}?` });
    }
  }
  return problems;
}

/** The known name that was probably meant, if any comes near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near && near.distance <= furthest ? near.candidate : undefined;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const substituted = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Which names somebody may have meant. */

const mostOffered = 3;
/** Letters that may be wrong, of those that were typed. */
const tolerance = 0.4;

/** The nearest names, equally near ones together; none where nothing is near. What follows a dot or slash may be enough. */
export function nearestNames(typed: string, names: readonly string[]): string[] {
  const wanted = typed.toLowerCase();
  const scored = names.map((name) => ({ name, score: score(wanted, name.toLowerCase()) }));
  const best = Math.min(tolerance, ...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => score <= best)
    .slice(0, mostOffered)
    .map(({ name }) => name);
}

/** `did you mean a or b?`; undefined where nothing is near. */
export function didYouMean(typed: string, names: readonly string[]): string | undefined {
  const nearest = nearestNames(typed, names);
  return nearest.length === 0 ? undefined : `did you mean ${nearest.join(' or ')}?`;
}

/** 0 for the same name, 1 for nothing in common. An end of the name that is as long as what was typed counts less. */
function score(typed: string, name: string): number {
  const whole = distance(typed, name) / Math.max(typed.length, 1);
  const ends = [...name.matchAll(/[./]/g)].map(({ index }) => {
    const end = name.slice(index + 1);
    return 0.05 + distance(typed, end) / Math.max(typed.length, 1);
  });
  return Math.min(whole, ...ends);
}

/** Letters to insert, delete, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const replace = (previous[j - 1] ?? 0) + (same ? 0 : 1);
      let least = Math.min(replace, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforePrevious[j - 2] ?? Number.POSITIVE_INFINITY) + 1);
      }
      row.push(least);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

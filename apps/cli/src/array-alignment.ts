/** Which items of two lists are the same ones: a longest common subsequence. */

// The table of the longest has one cell for each pair of items: 4 MiB at most.
const maxCells = 1_000_000;

/** Pairs of positions, ascending in both lists. Beyond the bound, only what both begin and end with is matched. */
export function alignment(before: readonly string[], after: readonly string[]): [number, number][] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const middle = commonItems(
    before.slice(head, before.length - tail),
    after.slice(head, after.length - tail),
  );
  return [
    ...Array.from({ length: head }, (_, at): [number, number] => [at, at]),
    ...middle.map(([i, j]): [number, number] => [head + i, head + j]),
    ...Array.from({ length: tail }, (_, at): [number, number] => [
      before.length - tail + at,
      after.length - tail + at,
    ]),
  ];
}

function commonItems(before: readonly string[], after: readonly string[]): [number, number][] {
  const width = after.length + 1;
  if (before.length * after.length > maxCells) return [];
  // The cell (i, j) has the most that the items from i and from j on have in common.
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const same = before[i] === after[j];
      lengths[i * width + j] = same ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i] === after[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

/** Much work in parts: all of it at once would wait longer than a call may take on a slow server. */
export async function inBatches<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
  size = 100,
): Promise<void> {
  for (let at = 0; at < items.length; at += size) await Promise.all(items.slice(at, at + size).map(act));
}

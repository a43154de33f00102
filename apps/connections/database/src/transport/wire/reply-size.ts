/** Keeps replies that list below the transport's message limit. */
import { limits } from '@connections/runtime';

/** The first items that fit into a reply together, and whether any are left over. */
export function fitting<Item>(
  items: Item[],
  bytesOf: (item: Item) => number,
): { readonly items: Item[]; readonly truncated: boolean } {
  let bytes = 0;
  const over = items.findIndex((item) => {
    bytes += bytesOf(item);
    return bytes > limits.pageBytes;
  });
  return over < 0 ? { items, truncated: false } : { items: items.slice(0, over), truncated: true };
}

/** Fills a page whose bytes are bounded from a port that bounds only the number of what it returns. */
import { type Ending, nextTurn } from '@connections/runtime';

// Of schemas, the largest items, this is 8 MiB in memory at worst.
const chunkItems = 32;

interface PageBounds<Item> {
  readonly limit: number;
  readonly maxBytes: number;
  readonly bytesOf: (item: Item) => number;
  readonly accept: (item: Item) => boolean;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
}

/**
 * Reads chunks, each after the last item of the one before, until nothing is left or the next accepted item would
 * pass a bound. One accepted item is always returned.
 */
export async function fillPage<Item>(
  { limit, maxBytes, bytesOf, accept }: PageBounds<Item>,
  read: (last: Item | undefined, limit: number) => Promise<Page<Item>>,
  signal: Ending,
): Promise<Page<Item>> {
  const page: Item[] = [];
  let bytes = 0;
  let last: Item | undefined;
  for (;;) {
    const { items, hasMore } = await read(last, chunkItems);
    for (const item of items) {
      if (!accept(item)) continue;
      bytes += bytesOf(item);
      if (page.length === limit || (bytes > maxBytes && page.length > 0))
        return { items: page, hasMore: true };
      page.push(item);
    }
    last = items.at(-1);
    if (!hasMore || last === undefined) return { items: page, hasMore: false };
    await nextTurn(signal);
  }
}

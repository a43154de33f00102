/** Listings that come in pages: how much of them is wanted, and what is printed of them. */
import { Option } from 'commander';
import { printJsonList } from './json-output.ts';
import { type Column, renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

export interface ListingOptions {
  readonly limit: number;
  readonly all?: true;
}

/** Most that a service puts into a page. */
const pageSize = 1_000;

export function limitOption(): Option {
  return new Option('--limit <n>', 'how many to list').default(100).argParser(wholeNumber(1, 1_000_000));
}

export function allOption(): Option {
  return new Option('--all', 'list all of them').conflicts('limit');
}

export interface ListedPage<Item> {
  readonly items: readonly Item[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/** Item after item, until there are no more or the limit is reached: it is never passed. */
export async function* listed<Item>(
  { limit, all }: ListingOptions,
  ask: (page: { readonly pageSize: number; readonly pageToken: string }) => Promise<ListedPage<Item>>,
): AsyncGenerator<Item, void, undefined> {
  let left = all ? Number.POSITIVE_INFINITY : limit;
  let pageToken = '';
  do {
    // A page may be shorter than asked, or empty, and still have a successor.
    const page = await ask({ pageSize: Math.min(left, pageSize), pageToken });
    yield* page.items;
    left -= page.items.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && left > 0);
}

export interface Listing<Item> {
  readonly items: AsyncIterable<Item>;
  /** What the items are called in JSON. */
  readonly field: string;
  readonly toJson: (item: Item) => unknown;
  /** Goes into the JSON after the items; asked for when all are there. */
  readonly about: () => { readonly nextPageToken: string };
  readonly columns: readonly Column[];
  readonly toRow: (item: Item) => readonly string[];
  /** Said when there are none. */
  readonly none: string;
}

export async function printListing<Item>(
  listing: Listing<Item>,
  { json }: { readonly json?: true },
  terminal: Terminal,
): Promise<void> {
  const { items, field, toJson, about, columns, toRow, none } = listing;
  if (json) {
    await printJsonList(terminal, field, mapped(items, toJson), about);
    return;
  }
  const rows: (readonly string[])[] = [];
  for await (const item of items) rows.push(toRow(item));
  if (rows.length > 0) terminal.print(renderTable({ columns, rows }, terminal));
  else terminal.note(none);
}

async function* mapped<From, To>(items: AsyncIterable<From>, map: (item: From) => To): AsyncGenerator<To> {
  for await (const item of items) yield map(item);
}

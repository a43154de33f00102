/** The static table (RFC 7541, appendix A). */
import type { HeaderField } from '../header-fields.ts';

const entries: readonly (readonly [name: string, value?: string])[] = [
  [':authority'],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset'],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language'],
  ['accept-ranges'],
  ['accept'],
  ['access-control-allow-origin'],
  ['age'],
  ['allow'],
  ['authorization'],
  ['cache-control'],
  ['content-disposition'],
  ['content-encoding'],
  ['content-language'],
  ['content-length'],
  ['content-location'],
  ['content-range'],
  ['content-type'],
  ['cookie'],
  ['date'],
  ['etag'],
  ['expect'],
  ['expires'],
  ['from'],
  ['host'],
  ['if-match'],
  ['if-modified-since'],
  ['if-none-match'],
  ['if-range'],
  ['if-unmodified-since'],
  ['last-modified'],
  ['link'],
  ['location'],
  ['max-forwards'],
  ['proxy-authenticate'],
  ['proxy-authorization'],
  ['range'],
  ['referer'],
  ['refresh'],
  ['retry-after'],
  ['server'],
  ['set-cookie'],
  ['strict-transport-security'],
  ['transfer-encoding'],
  ['user-agent'],
  ['vary'],
  ['via'],
  ['www-authenticate'],
];

/** Index 1 is the first; there is none at 0. */
export const staticFields: readonly HeaderField[] = [
  { name: '', value: '', sensitive: false },
  ...entries.map(([name, value = '']) => ({ name, value, sensitive: false })),
];

export const staticCount: number = entries.length;

/** Lowest index of each name. */
export const staticNames: ReadonlyMap<string, number> = new Map(
  entries.map(([name], at): [string, number] => [name, at + 1]).reverse(),
);

/** Index of a name with a value, an empty one included; 0 when there is none. */
export function staticIndex(name: string, value: string): number {
  for (let index = staticNames.get(name) ?? staticCount + 1; index <= staticCount; index++) {
    const field = staticFields[index];
    if (field?.name !== name) return 0;
    if (field.value === value) return index;
  }
  return 0;
}

/** What a field takes of a table or a list: its octets and 32 (RFC 7541, section 4.1). */
export function fieldBytes(name: string, value: string): number {
  return name.length + value.length + 32;
}

/** The size of a table before anything was said of it (RFC 9113, section 6.5.2). */
export const defaultTableBytes = 4_096;

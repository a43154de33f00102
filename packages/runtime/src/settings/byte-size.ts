/** Sizes in bytes as people write them. */

const units = new Map([
  ['', 1],
  ['B', 1],
  ['KIB', 2 ** 10],
  ['MIB', 2 ** 20],
  ['GIB', 2 ** 30],
]);

/** NaN for anything but a whole number with an optional unit. */
export function parseBytes(text: string): number {
  const [, digits, unit] = /^(\d+) ?([a-z]*)$/i.exec(text) ?? [];
  return Number(digits) * (units.get((unit ?? '').toUpperCase()) ?? Number.NaN);
}

/** The shortest exact text of a size. */
export function bytesText(bytes: number): string {
  if (bytes === 0) return '0';
  if (bytes % 2 ** 30 === 0) return `${bytes / 2 ** 30} GiB`;
  if (bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20} MiB`;
  if (bytes % 2 ** 10 === 0) return `${bytes / 2 ** 10} KiB`;
  return String(bytes);
}

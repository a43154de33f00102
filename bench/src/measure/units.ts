/** What figures are counted in, and in which direction they are better. */

export const units = {
  'calls/s': 'higher',
  'operations/s': 'higher',
  'messages/s': 'higher',
  'µs of CPU/call': 'lower',
  'ns/call': 'lower',
  ms: 'lower',
  'ms at p50': 'lower',
  'ms at p99': 'lower',
  MiB: 'lower',
  'B/task': 'lower',
  'of the bare driver': 'higher',
  'KiB/stream': 'lower',
} as const satisfies Record<string, 'higher' | 'lower'>;

export type Unit = keyof typeof units;

/** Points in time as people read them. */
import type { Terminal } from './terminal.ts';

const units = [
  { name: 'd', seconds: 86_400, from: 172_800 },
  { name: 'h', seconds: 3_600, from: 7_200 },
  { name: 'm', seconds: 60, from: 120 },
  { name: 's', seconds: 1, from: 0 },
] as const;

/** `3m`, in the largest unit of which there are at least two. */
export function spanText(seconds: number): string {
  const unit = units.find(({ from }) => seconds >= from) ?? units[3];
  return `${Math.floor(seconds / unit.seconds)}${unit.name}`;
}

/** `3m ago`; `in 3s` where the service's clock is ahead of this machine's. */
export function relativeTime(time: Date, nowMs = Date.now()): string {
  const seconds = Math.trunc((nowMs - time.getTime()) / 1_000);
  if (seconds === 0) return 'now';
  return seconds > 0 ? `${spanText(seconds)} ago` : `in ${spanText(-seconds)}`;
}

/** Both: `2026-01-31T12:00:00.000Z (3m ago)`. */
export function fullTime(time: Date | undefined): string {
  return time === undefined ? '-' : `${time.toISOString()} (${relativeTime(time)})`;
}

/** For the cell of a table: what goes into a pipe may be read much later, so there the time itself. */
export function cellTime(time: Date | undefined, { columns }: Pick<Terminal, 'columns'>): string {
  if (time === undefined) return '-';
  return columns === undefined ? time.toISOString() : relativeTime(time);
}

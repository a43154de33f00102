/** Messages as protobuf has them in JSON, with every field there, whatever its value. */

/** 64-bit numbers as text, times as RFC 3339, maps as objects. Enums and durations are their callers' to name. */
export function protoJson(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(protoJson);
  if (typeof value !== 'object' || value === null) return value;
  const members = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(members.map(([name, item]) => [name, protoJson(item)]));
}

/** The name of a value, or its number when it is newer than this command. */
export function enumName(names: Readonly<Record<string, number>>, value: number): string | number {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? value;
}

/** `1.5s`. */
export function durationText({
  seconds,
  nanos,
}: {
  readonly seconds: bigint;
  readonly nanos: number;
}): string {
  const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? `${seconds}s` : `${seconds}.${fraction}s`;
}

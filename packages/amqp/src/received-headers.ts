/** Headers of a message that came over AMQP; whoever reaches the broker may have written them. */
import { isTaken, ownHeaders } from './message-headers.ts';

/** Values have any type that AMQP has. */
export type ReceivedTable = Readonly<Record<string, unknown>>;

/** Values of other publishers may have any type; they come as text. */
export function decodeHeaders(table: ReceivedTable): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(table)) {
    if (!isTaken(name)) headers.set(name, textOf(value));
  }
  for (const [name, value] of pairsOf(table[ownHeaders.others])) headers.set(name, value);
  return headers;
}

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function textIn(table: ReceivedTable, name: string): string | undefined {
  const value = table[name];
  return value === undefined ? undefined : textOf(value);
}

export function numberIn(table: ReceivedTable, name: string): number | undefined {
  const value = table[name];
  return typeof value === 'number' ? value : undefined;
}

function pairsOf(value: unknown): [string, string][] {
  if (typeof value !== 'string') return [];
  try {
    const pairs: unknown = JSON.parse(value);
    return Array.isArray(pairs) ? pairs.filter(isPair) : [];
  } catch {
    return [];
  }
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
}

/** BSON values as exact JSON: a whole number that was stored as a decimal one keeps its `.0`, and no digit is lost. */
import { Decimal128, Double, Int32, Long } from 'mongodb';
import { type ExactJson, ExactNumber } from '../../domain/exact-json.ts';

/** Of a value that was read with `promoteValues: false`. What JSON has no form for becomes text. */
export function exactOf(value: unknown): ExactJson {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Double) return doubleOf(value.valueOf());
  if (value instanceof Int32 || value instanceof Long || typeof value === 'number') {
    return new ExactNumber(String(value));
  }
  if (Array.isArray(value)) return value.map(exactOf);
  // Null for a time that is none in JavaScript.
  if (value instanceof Date) return value.toJSON();
  if (value instanceof Decimal128 || !isDocument(value)) return String(value);
  return new Map(Object.entries(value).map(([name, member]) => [name, exactOf(member)]));
}

/** As Python shows it, whose programs stored it: up to this size a whole decimal number so, and beyond with an exponent. */
function doubleOf(value: number): ExactJson {
  if (!Number.isFinite(value)) return String(value);
  if (!Number.isInteger(value)) return new ExactNumber(String(value));
  return new ExactNumber(Math.abs(value) < 1e16 ? value.toFixed(1) : value.toExponential());
}

/** Not one of the driver's classes. */
export function isDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * One text for all JSON texts of the same content: no spaces, names in the order of their UTF-16 units, numbers by
 * value. As RFC 8785 has it for numbers that are doubles; others keep all their digits, so that two long numbers are
 * never taken for the same.
 */
import { createHash } from 'node:crypto';
import { type ExactJson, ExactNumber, parseExact } from './exact-json.ts';

/** Throws SyntaxError for what is not JSON. */
export function canonicalJson(text: string): string {
  return print(parseExact(text));
}

/** SHA-256 of the canonical JSON, hexadecimal. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(canonicalJson(text)).digest('hex');
}

function print(value: ExactJson): string {
  if (value instanceof ExactNumber) return printNumber(value.text);
  if (value instanceof Map) {
    const members = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${print(item)}`).join(',')}}`;
  }
  return Array.isArray(value) ? `[${value.map(print).join(',')}]` : JSON.stringify(value);
}

function printNumber(text: string): string {
  const double = String(Number(text));
  const exact = normalised(text);
  return normalised(double) === exact ? double : exact;
}

/** Digits without zeros at either end, and the power of ten they are multiplied by. */
function normalised(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  // Not a regular expression: one that looks for zeros before the end takes quadratic time on a run in the middle.
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  if (end === 0) return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - end);
  return `${sign}${digits.slice(0, end)}e${power}`;
}

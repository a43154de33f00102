/** The extras of a wire property: text on the wire, typed where they are stored. */
import { type ExactJson, ExactNumber, printExact } from './exact-json.ts';

const numeral = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const leadingZeros = /^(-?)0+(?=\d)/;

/** Digits become an integer, a decimal number a number, `true` and `false` a boolean; anything else stays text. */
export function typedExtra(text: string): string | boolean | ExactNumber {
  if (text === 'true') return true;
  if (text === 'false') return false;
  return numeral.test(text) ? new ExactNumber(text.replace(leadingZeros, '$1')) : text;
}

/** What has no such type, a list or an object, is shown as its JSON text. */
export function extraText(value: ExactJson): string {
  return typeof value === 'string' ? value : printExact(value);
}

/** What a document says, without how it is written: by this the versions of a file are found among registered ones. */
import { createHash } from 'node:crypto';
import { jsonTokens } from '../json-layout.ts';

/** How deep objects and lists of valid JSON are nested. */
export function nesting(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of json.matchAll(jsonTokens)) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth);
    else if (token === '}' || token === ']') depth--;
  }
  return deepest;
}

/**
 * Equal for documents that differ in spaces, in the order of names or in how numbers are written; never equal for
 * others. Where a long number is written in two ways it is not equal, and the service finds that nothing changes.
 *
 * @param json valid, nested no deeper than the service takes
 */
export function contentHash(json: string): string {
  return createHash('sha256')
    .update(canonical(tokensOf(json)))
    .digest('hex');
}

function* tokensOf(json: string): Generator<string, void, undefined> {
  for (const [token] of json.matchAll(jsonTokens)) yield token;
}

function canonical(tokens: Iterator<string, void>): string {
  const next = () => tokens.next().value ?? '';
  const value = (token: string): string => {
    if (token === '{') return object();
    if (token === '[') return list();
    if (token.startsWith('"')) return JSON.stringify(JSON.parse(token));
    return /^[-\d]/.test(token) ? numberText(token) : token;
  };
  const list = () => {
    const items: string[] = [];
    for (let token = next(); token !== ']'; token = next()) {
      if (token !== ',') items.push(value(token));
    }
    return `[${items.join()}]`;
  };
  const object = () => {
    // Of two members with one name the last counts.
    const members = new Map<string, string>();
    for (let token = next(); token !== '}'; token = next()) {
      if (token === ',') continue;
      const name = value(token);
      next();
      members.set(name, value(next()));
    }
    const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map((member) => member.join(':')).join()}}`;
  };
  return value(next());
}

/** A double tells any two numbers of 15 digits apart, but for the largest and the smallest ones. */
function numberText(text: string): string {
  const [mantissa = ''] = text.split(/e/i);
  const digits = mantissa.replace(/\D/g, '').replace(/^0+/, '').length;
  if (digits === 0) return '0';
  const size = Math.abs(Number(text));
  return digits <= 15 && size > 1e-300 && size < 1e300 ? String(Number(text)) : text;
}

/** The globs of Redis' KEYS: `*`, `?`, `[abc]`, `[a-z]`, `[^x]` and `\`, over code points instead of bytes. */

export interface RedisGlob {
  /** Every key that matches starts with this text. */
  readonly prefix: string;
  /** Only the prefix itself matches. */
  readonly literal: boolean;
  matches(key: string): boolean;
}

/** An inclusive range of code points. */
type Range = readonly [from: number, to: number];

type Part =
  | { readonly kind: 'many' }
  | { readonly kind: 'one'; readonly ranges: readonly Range[]; readonly negated: boolean };

const anyOne: Part = { kind: 'one', ranges: [], negated: true };

export function redisGlob(pattern: string): RedisGlob {
  const symbols = Array.from(pattern, codePoint);
  const parts: Part[] = [];
  let prefix = '';
  let literal = true;
  for (let at = 0; at < symbols.length; at++) {
    const symbol = symbols[at];
    if (symbol === star || symbol === question || symbol === open) {
      literal = false;
      if (symbol === open) {
        const set = readSet(symbols, at + 1);
        parts.push(set.part);
        at = set.end;
      } else {
        parts.push(symbol === star ? { kind: 'many' } : anyOne);
      }
      continue;
    }
    // A backslash at the very end stands for itself.
    if (symbol === backslash && at + 1 < symbols.length) at += 1;
    const taken = symbols[at] ?? 0;
    parts.push({ kind: 'one', ranges: [[taken, taken]], negated: false });
    if (literal) prefix += String.fromCodePoint(taken);
  }
  return { prefix, literal, matches: (key) => match(parts, Array.from(key, codePoint)) };
}

const codePoint = (symbol: string): number => symbol.codePointAt(0) ?? 0;
const [star, question, open, close, caret, dash, backslash] = Array.from('*?[]^-\\', codePoint);

/**
 * Reads a set up to its `]`, as Redis does: a `]` right after the opening ends it, a range may be written backwards or
 * end in `]`, and a set that the pattern does not close ends with the pattern.
 */
function readSet(symbols: readonly number[], start: number): { readonly part: Part; readonly end: number } {
  const negated = symbols[start] === caret;
  const ranges: Range[] = [];
  let at = negated ? start + 1 : start;
  for (; at < symbols.length && symbols[at] !== close; at++) {
    const left = symbols.length - at;
    if (symbols[at] === backslash && left >= 2) {
      at += 1;
    } else if (symbols[at + 1] === dash && left >= 3) {
      const ends = [symbols[at] ?? 0, symbols[at + 2] ?? 0] as const;
      ranges.push([Math.min(...ends), Math.max(...ends)]);
      at += 2;
      continue;
    }
    const taken = symbols[at] ?? 0;
    ranges.push([taken, taken]);
  }
  return { part: { kind: 'one', ranges, negated }, end: at };
}

/** At worst the product of both lengths: a mismatch goes back to the latest `*` only, which then takes one more. */
function match(parts: readonly Part[], key: readonly number[]): boolean {
  let part = 0;
  let at = 0;
  let retryPart = -1;
  let retryAt = 0;
  while (at < key.length) {
    const current = parts[part];
    if (current?.kind === 'many') {
      part += 1;
      retryPart = part;
      retryAt = at;
    } else if (current && takes(current, key[at] ?? 0)) {
      part += 1;
      at += 1;
    } else if (retryPart >= 0) {
      retryAt += 1;
      part = retryPart;
      at = retryAt;
    } else {
      return false;
    }
  }
  return parts.slice(part).every(({ kind }) => kind === 'many');
}

function takes(part: Extract<Part, { kind: 'one' }>, symbol: number): boolean {
  return part.ranges.some(([from, to]) => symbol >= from && symbol <= to) !== part.negated;
}

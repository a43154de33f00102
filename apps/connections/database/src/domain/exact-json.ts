/** JSON whose numbers keep the text they were written with: `1.0` stays `1.0`, and no digit of a long one is lost. */

/** A number as its JSON text. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type ExactJson = string | boolean | null | ExactNumber | readonly ExactJson[] | ExactObject;
export type ExactObject = ReadonlyMap<string, ExactJson>;

const stringsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * Throws SyntaxError for what is not JSON. The platform's parser reads a copy of the text in which every number is
 * quoted and every string, number or not, starts with a letter that says which it was. The letter also keeps names
 * such as `__proto__` and `1` in their place.
 */
export function parseExact(text: string): ExactJson {
  JSON.parse(text);
  const marked = text.replace(stringsAndNumbers, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`,
  );
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value === 'string') {
      return value.startsWith('n') ? new ExactNumber(value.slice(1)) : value.slice(1);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    if (value instanceof ExactNumber) return value;
    return new Map(Object.entries(value).map(([name, item]) => [name.slice(1), item]));
  }) as ExactJson;
}

/** The shortest text: no spaces, names in their order. */
export function printExact(value: ExactJson): string {
  if (value instanceof ExactNumber) return value.text;
  if (value instanceof Map) {
    return `{${[...value].map(([name, item]) => `${JSON.stringify(name)}:${printExact(item)}`).join(',')}}`;
  }
  return Array.isArray(value) ? `[${value.map(printExact).join(',')}]` : JSON.stringify(value);
}

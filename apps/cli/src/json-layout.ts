/** JSON laid out for people, token by token: numbers keep the digits they were written with. */

/** Strings, numbers, words and punctuation of valid JSON. */
export const jsonTokens = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g;

/** Two spaces for each level. `json` is valid JSON. */
export function layOutJson(json: string): string {
  let text = '';
  let depth = 0;
  let last = '';
  for (const [token] of json.matchAll(jsonTokens)) {
    const opens = last === '{' || last === '[';
    const closes = token === '}' || token === ']';
    if (closes) depth--;
    if (opens ? !closes : closes || last === ',') text += `\n${'  '.repeat(depth)}`;
    text += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth++;
    last = token;
  }
  return text;
}

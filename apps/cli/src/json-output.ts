/** What `--json` prints. */
import type { Terminal } from './terminal.ts';

export function printJson(terminal: Terminal, value: unknown): void {
  terminal.print(jsonText(value));
}

/** On one line, for output that goes on. */
export function printJsonLine(terminal: Terminal, value: unknown): void {
  terminal.print(harmlessJson(JSON.stringify(value)));
}

/**
 * Prints one document, `{ [field]: items, ...rest }`, item by item, so that a listing of any length takes the memory of
 * a page. It stays without its end when asking for more items fails, which the exit code tells.
 */
export async function printJsonList(
  terminal: Terminal,
  field: string,
  items: AsyncIterable<unknown>,
  rest: () => object,
): Promise<void> {
  let held = '';
  for await (const item of items) {
    terminal.print(held === '' ? `{\n  "${field}": [` : `${held},`);
    held = `    ${jsonText(item).replaceAll('\n', '\n    ')}`;
  }
  terminal.print(held === '' ? `{\n  "${field}": [` : held);
  terminal.print(`  ],${jsonText(rest()).slice(1)}`);
}

/** Equal JSON that does nothing to a terminal: of what can, JSON itself escapes only what is below U+0020. */
export function harmlessJson(json: string): string {
  return json.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

function jsonText(value: unknown): string {
  return harmlessJson(JSON.stringify(value, undefined, 2));
}

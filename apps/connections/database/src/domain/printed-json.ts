/** JSON text in the very form that we print, as it comes back from a client that was shown it. */
import { limits } from '@connections/runtime';
import { type ExactJson, parseExact, printExact } from './exact-json.ts';
import { jsonDepth } from './json-depth.ts';

/** The value that prints as this text; undefined for any other text, or one that nests deeper than a schema may. */
export function readPrinted(text: string): ExactJson | undefined {
  if (jsonDepth(text) > limits.schemaDepth) return undefined;
  try {
    const value = parseExact(text);
    return printExact(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

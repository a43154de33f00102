/** Regular expressions in a JSON Schema: each must suit an engine whose time is linear in the text it looks at. */
import { type Ending, limits, nextTurn } from '@connections/runtime';
import { RE2JS } from 're2js';
import { type DocumentCheck, escaped, isObject, type Subschema } from './subschemas.ts';

export async function checkPatterns(
  schemas: readonly Subschema[],
  wrong: DocumentCheck,
  signal: Ending,
): Promise<void> {
  const known = new Map<string, string | undefined>();
  for (const { pointer, pattern } of patternsOf(schemas)) {
    if (!known.has(pattern)) known.set(pattern, problemOf(pattern));
    const problem = known.get(pattern);
    if (problem) wrong(pointer, problem);
    // Compiling can take a few milliseconds for one pattern, and a document has room for thousands of them.
    await nextTurn(signal);
  }
}

function* patternsOf(schemas: readonly Subschema[]): Iterable<{ pointer: string; pattern: string }> {
  for (const { pointer, keywords } of schemas) {
    const { pattern, patternProperties } = keywords;
    if (typeof pattern === 'string') yield { pointer: `${pointer}/pattern`, pattern };
    if (!isObject(patternProperties)) continue;
    for (const name of Object.keys(patternProperties)) {
      yield { pointer: `${pointer}/patternProperties/${escaped(name)}`, pattern: name };
    }
  }
}

function problemOf(pattern: string): string | undefined {
  const bytes = Buffer.byteLength(pattern);
  if (bytes > limits.schemaPatternBytes) {
    return `the pattern is ${bytes} bytes long; the limit is ${limits.schemaPatternBytes}`;
  }
  // The translation would turn a named back-reference into the text of its name.
  if (pattern.replaceAll('\\\\', '').includes('\\k<')) return refusal;
  try {
    RE2JS.compile(RE2JS.translateRegExp(pattern));
    return undefined;
  } catch {
    return refusal;
  }
}

const refusal =
  'the pattern is outside the RE2 dialect: no look-around, no back-references, no repetition beyond 1000';

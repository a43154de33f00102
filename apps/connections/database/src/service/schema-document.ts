/** What a registered document may be. */
import { type Ending, limits } from '@connections/runtime';
import type { RequestCheck } from '@connections/runtime/errors';
import { jsonDepth } from '../domain/json-depth.ts';
import { checkAgainstMetaSchema } from './meta-schema.ts';
import { checkPatterns } from './schema-patterns.ts';
import { checkReferences } from './schema-references.ts';
import { type DocumentCheck, subschemas } from './subschemas.ts';

/** JSON text within the bounds of size and depth: its value, or undefined when something is wrong with it. */
export function checkDocument(
  check: RequestCheck,
  document: string,
): { readonly value: unknown } | undefined {
  const bytes = Buffer.byteLength(document);
  if (bytes > limits.schemaBytes) {
    check.add('document', `is ${bytes} bytes long; the limit is ${limits.schemaBytes}`);
    return undefined;
  }
  const depth = jsonDepth(document);
  if (depth > limits.schemaDepth) {
    check.add('document', `nests ${depth} levels deep; the limit is ${limits.schemaDepth}`);
    return undefined;
  }
  try {
    return { value: JSON.parse(document) };
  } catch (error) {
    check.add('document', `is not JSON: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/**
 * A JSON Schema that is whole: valid by the meta-schema of its dialect, with patterns that an engine of linear time
 * takes and references that lead nowhere outside. Nothing in it is compiled by the platform's own RegExp.
 */
export async function checkSchemaDocument(
  check: RequestCheck,
  document: string,
  signal: Ending,
): Promise<void> {
  const parsed = checkDocument(check, document);
  if (!parsed) return;
  const wrong: DocumentCheck = (pointer, description) =>
    check.add('document', `${shown(pointer)}: ${description}`);
  if (!(await checkAgainstMetaSchema(parsed.value, wrong))) return;
  const schemas = [...subschemas(parsed.value)];
  checkReferences(schemas, wrong);
  await checkPatterns(schemas, wrong, signal);
}

/** A pointer is made of the caller's own names; the details of an error travel in a header block. */
function shown(pointer: string): string {
  return pointer.length > 200 ? `#${pointer.slice(0, 200)}...` : `#${pointer}`;
}

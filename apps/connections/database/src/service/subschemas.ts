/** Every schema inside a JSON Schema document, whatever its dialect. */

export type Keywords = Readonly<Record<string, unknown>>;

export interface Subschema {
  /** RFC 6901, empty for the document itself. */
  readonly pointer: string;
  readonly keywords: Keywords;
  /** The base URI that references in it are resolved against. */
  readonly base: string;
}

/** Reports what is wrong at a JSON pointer. */
export type DocumentCheck = (pointer: string, description: string) => void;

/** The base URI of a document that names none. */
const documentBase = 'document:///';

/** Their value is a map from names to schemas. */
const maps = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];
/** Their value is data, which may look like a schema. */
const data = ['const', 'enum', 'default', 'examples'];

/**
 * A keyword that no dialect knows is looked into too: a reference may lead there. The document's depth is bounded by
 * whoever calls.
 */
export function* subschemas(schema: unknown, pointer = '', base = documentBase): Iterable<Subschema> {
  if (Array.isArray(schema)) {
    for (const [index, item] of schema.entries()) yield* subschemas(item, `${pointer}/${index}`, base);
  }
  if (!isObject(schema)) return;
  const inner = innerBase(schema, base);
  yield { pointer, keywords: schema, base: inner };
  for (const [keyword, value] of Object.entries(schema)) {
    const path = `${pointer}/${escaped(keyword)}`;
    if (data.includes(keyword)) continue;
    if (maps.includes(keyword) && isObject(value)) {
      for (const [name, item] of Object.entries(value)) {
        yield* subschemas(item, `${path}/${escaped(name)}`, inner);
      }
    } else yield* subschemas(value, path, inner);
  }
}

export function isObject(value: unknown): value is Keywords {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** An `$id` that is only a fragment is draft-07's way to write an anchor. */
function innerBase({ $id }: Keywords, base: string): string {
  if (typeof $id !== 'string' || $id.startsWith('#') || !URL.canParse($id, base)) return base;
  const url = new URL($id, base);
  url.hash = '';
  return url.href;
}

/** The dialects of JSON Schema that are taken, and what a schema of each is: its meta-schema. */
import { createRequire } from 'node:module';
import type { Options, ValidateFunction } from 'ajv';
import { type DocumentCheck, isObject } from './subschemas.ts';

const draft7 = 'http://json-schema.org/draft-07/schema';
const draft2019 = 'https://json-schema.org/draft/2019-09/schema';
const draft2020 = 'https://json-schema.org/draft/2020-12/schema';

// Without formats a document's patterns are text to it: the platform's RegExp never sees them.
const options: Options = { strict: false, validateFormats: false, logger: false };

/** Loaded and compiled with the first document of each dialect, which takes some 50 ms; once, however many come at once. */
const dialects = new Map([
  [draft7, once(loadDraft7)],
  [
    draft2019,
    once(async () => new (await import('ajv/dist/2019.js')).Ajv2019(options).compile({ $ref: draft2019 })),
  ],
  [
    draft2020,
    once(async () => new (await import('ajv/dist/2020.js')).Ajv2020(options).compile({ $ref: draft2020 })),
  ],
]);

/** True when the document is a valid schema of the dialect that its `$schema` names, 2020-12 when it names none. */
export async function checkAgainstMetaSchema(document: unknown, wrong: DocumentCheck): Promise<boolean> {
  const named = isObject(document) ? document.$schema : undefined;
  const dialect = named === undefined ? draft2020 : String(named).replace(/#$/, '');
  const load = dialects.get(dialect);
  if (!load) {
    wrong('/$schema', 'is none of draft-07, 2019-09, 2020-12');
    return false;
  }
  const validate = await load();
  if (validate(document)) return true;
  for (const { instancePath, message } of validate.errors ?? [])
    wrong(instancePath, message ?? 'is not valid');
  return false;
}

/**
 * The specification asks that the values of an `enum` should differ. The published meta-schema makes that a must, which
 * is checked in quadratic time: seconds for one document.
 */
async function loadDraft7(): Promise<ValidateFunction> {
  const { Ajv } = await import('ajv');
  const published = createRequire(import.meta.url)('ajv/dist/refs/json-schema-draft-07.json');
  const properties = { ...published.properties, enum: { type: 'array', items: true } };
  const ajv = new Ajv({ ...options, meta: false, validateSchema: false });
  return ajv.compile({ ...published, properties });
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
}

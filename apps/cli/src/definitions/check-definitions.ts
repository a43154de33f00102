/** Whether JSON is a definitions file that a service can take: all that can be known without asking one. */
import { isStatusError } from '@connections/grpc';
import { limits } from '@connections/runtime';
import { RequestCheck } from '@connections/runtime/errors';
import { usageError } from '../cli-error.ts';
import { checkTopology } from './check-topology.ts';
import {
  type Definitions,
  definitionsFormat,
  type SchemaDefinition,
  type VersionDefinition,
} from './definitions-format.ts';
import { JsonShape } from './json-shape.ts';
import { contentHash, nesting } from './schema-content.ts';

export interface CheckedVersion extends VersionDefinition {
  readonly content: string;
}

export interface CheckedSchema extends SchemaDefinition {
  readonly versions: readonly CheckedVersion[];
}

export interface CheckedDefinitions extends Definitions {
  readonly schemas: readonly CheckedSchema[] | undefined;
}

/** @param source what the file is called when it is refused */
export function checkDefinitions(json: unknown, source: string): CheckedDefinitions {
  const check = new RequestCheck();
  try {
    const definitions = fileOf(json, check, new JsonShape(check));
    check.done();
    return definitions;
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const faults = error.details.flatMap((detail) => (detail.kind === 'BadRequest' ? detail.violations : []));
    const text = faults.map(({ field, description }) => `${field}: ${description}`).join('; ');
    throw usageError(`${source} cannot be imported, ${text}`);
  }
}

function fileOf(json: unknown, check: RequestCheck, shape: JsonShape): CheckedDefinitions {
  const format = (json as { readonly format?: unknown } | null)?.format;
  // First, because another format has other fields.
  if (format !== undefined && format !== definitionsFormat) {
    shape.fail('format', `must be ${definitionsFormat}, another release has written the file`);
  }
  const { namespace, schemas, topology } = shape.object(
    '',
    json,
    ['format', 'namespace'],
    ['schemas', 'topology'],
  );
  if (schemas === undefined && topology === undefined)
    shape.fail('schemas', 'is missing, and so is topology');
  return {
    namespace: shape.name('namespace', namespace, limits.namespaceBytes),
    schemas: schemas === undefined ? undefined : schemasOf(schemas, check, shape),
    topology: topology === undefined ? undefined : checkTopology(topology, check, shape),
  };
}

function schemasOf(json: unknown, check: RequestCheck, shape: JsonShape): CheckedSchema[] {
  const names = new Set<string>();
  return shape.list('schemas', json).map((item, index) => {
    const path = `schemas[${index}]`;
    const { name: given, versions: list } = shape.object(path, item, ['name', 'versions']);
    const name = shape.name(`${path}.name`, given, limits.keyBytes);
    if (names.has(name)) check.add(`${path}.name`, `is there twice: ${name}`);
    names.add(name);
    const items = shape.list(`${path}.versions`, list);
    check.integer(`${path}.versions.length`, items.length, [1, limits.schemaVersions]);
    const versions = items.map((version, at) => versionOf(`${path}.versions[${at}]`, version, check, shape));
    checkOrder(`${path}.versions`, versions, check);
    return { name, versions };
  });
}

function versionOf(path: string, json: unknown, check: RequestCheck, shape: JsonShape): CheckedVersion {
  const { version, document, author, note, active } = shape.object(path, json, [
    'version',
    'document',
    'author',
    'note',
    'active',
  ]);
  const text = shape.text(`${path}.document`, document);
  const checked = {
    version: shape.whole(`${path}.version`, version, [1, Number.MAX_SAFE_INTEGER]),
    document: text,
    author: shape.text(`${path}.author`, author),
    note: shape.text(`${path}.note`, note),
    active: shape.boolean(`${path}.active`, active),
  };
  check.label(`${path}.author`, checked.author, limits.authorBytes);
  check.text(`${path}.note`, checked.note, limits.noteBytes);
  return { ...checked, content: contentOf(`${path}.document`, text, check, shape) };
}

function contentOf(path: string, document: string, check: RequestCheck, shape: JsonShape): string {
  check.text(path, document, limits.schemaBytes);
  try {
    JSON.parse(document);
  } catch (error) {
    shape.fail(path, `is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const depth = nesting(document);
  if (depth > limits.schemaDepth) {
    shape.fail(path, `nests ${depth} levels deep; the limit is ${limits.schemaDepth}`);
  }
  return contentHash(document);
}

function checkOrder(path: string, versions: readonly CheckedVersion[], check: RequestCheck): void {
  for (const [index, { version, active, content }] of versions.entries()) {
    const at = `${path}[${index}]`;
    const before = versions[index - 1];
    if (before && before.version >= version)
      check.add(`${at}.version`, 'must be greater than the one before');
    if (before?.content === content) check.add(`${at}.document`, 'has the content of the version before');
    if (active !== (index === versions.length - 1)) {
      check.add(`${at}.active`, 'must be true for the last version, and only there');
    }
  }
}

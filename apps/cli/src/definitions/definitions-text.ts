/** The text of a definitions file, piece by piece: a registry of any size takes the memory of a page. */
import { harmlessJson } from '../json-output.ts';
import { definitionsFormat, type TopologyDefinition, type VersionDefinition } from './definitions-format.ts';

export interface ExportedSchema {
  readonly name: string;
  readonly versions: AsyncIterable<VersionDefinition>;
}

export interface ExportedDefinitions {
  readonly namespace: string;
  readonly schemas: AsyncIterable<ExportedSchema> | undefined;
  readonly topology: TopologyDefinition | undefined;
}

/** Whole lines, without the break after the last one. */
export async function* definitionsText(definitions: ExportedDefinitions): AsyncGenerator<string> {
  let line = '';
  for await (const piece of pieces(definitions)) {
    const end = piece.lastIndexOf('\n');
    if (end >= 0) yield line + piece.slice(0, end);
    line = (end >= 0 ? '' : line) + piece.slice(end + 1);
  }
  yield line;
}

async function* pieces({ namespace, schemas, topology }: ExportedDefinitions): AsyncGenerator<string> {
  yield `{\n  "format": ${definitionsFormat},\n  "namespace": ${json(namespace, 2)}`;
  if (schemas) yield* schemaPieces(schemas);
  if (topology) yield `,\n  "topology": ${json(topology, 2)}`;
  yield '\n}';
}

async function* schemaPieces(schemas: AsyncIterable<ExportedSchema>): AsyncGenerator<string> {
  yield ',\n  "schemas": [';
  let before = '\n';
  for await (const { name, versions } of schemas) {
    yield `${before}    {\n      "name": ${json(name, 6)},\n      "versions": [`;
    let between = '\n';
    for await (const version of versions) {
      yield `${between}        ${json(version, 8)}`;
      between = ',\n';
    }
    yield '\n      ]\n    }';
    before = ',\n';
  }
  yield before === '\n' ? ']' : '\n  ]';
}

function json(value: unknown, depth: number): string {
  return harmlessJson(JSON.stringify(value, undefined, 2)).replaceAll('\n', `\n${' '.repeat(depth)}`);
}

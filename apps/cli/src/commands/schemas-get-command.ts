/** `connections schemas get`: one version of a schema, or its document alone. */
import { createClient } from '@connections/grpc';
import { schemaService } from '@connections/proto-utils';
import type { SchemaVersion } from '@connections/proto-utils/v1/schemas';
import { type Command, Option } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { layOutJson } from '../json-layout.ts';
import { harmlessJson, printJson } from '../json-output.ts';
import { labelledLines } from '../labelled-lines.ts';
import { protoJson } from '../proto-json.ts';
import { addDatabaseReadOptions } from '../read-options.ts';
import { parseVersion, schemaVersion } from '../schema-version.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import type { Terminal } from '../terminal.ts';
import { fullTime } from '../time-text.ts';

interface GetOptions extends CommonOptions {
  readonly version?: number;
  readonly document?: true;
}

export function addSchemasGetCommand(schemas: Command, terminal: Terminal): void {
  const get = schemas
    .command('get')
    .summary('show one version of a schema')
    .description('Shows a schema: the active version, or the one asked for.')
    .argument('<name>', 'the schema')
    .option('--version <n>', 'this version', parseVersion)
    .addOption(new Option('--document', 'print the document alone, as it was registered').conflicts('json'));
  addDatabaseReadOptions(get);
  addExamples(
    get,
    'connections schemas get customers --version 2',
    'connections schemas get customers --document > customers.json',
  );
  get.action((name: string, options: GetOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(schemaService, channel);
      const { namespace, version, document, json } = options;
      const schema = await schemaVersion(
        client,
        { namespace, name, version },
        callOptions(options, terminal),
      );
      if (json) printJson(terminal, protoJson({ schema }));
      else if (document) terminal.print(documentText(schema, terminal));
      else terminal.print(schemaText(schema));
    }),
  );
}

/** A pipe gets what was registered, to the byte. */
function documentText({ document }: SchemaVersion, { columns }: Terminal): string {
  return columns === undefined ? document : harmlessJson(document);
}

function schemaText(schema: SchemaVersion): string {
  const { name, version, active, author, note, createTime, fingerprint, document } = schema;
  const lines = labelledLines([
    ['schema', name],
    ['version', `${version}${active ? ' (active)' : ''}`],
    ['registered', fullTime(createTime)],
    ['author', author || '-'],
    ['note', note || '-'],
    ['fingerprint', fingerprint],
  ]);
  return `${lines}\n\n${harmlessJson(layOutJson(document))}`;
}

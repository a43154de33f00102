/** `connections schemas diff`: what is different between two versions of a schema. */
import { createClient } from '@connections/grpc';
import { schemaService } from '@connections/proto-utils';
import type { SchemaVersion } from '@connections/proto-utils/v1/schemas';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommonOptions } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { type Json, type JsonChange, jsonDiff } from '../json-diff.ts';
import { diffText } from '../json-diff-text.ts';
import { printJson } from '../json-output.ts';
import { addDatabaseReadOptions } from '../read-options.ts';
import { parseVersion, schemaVersion } from '../schema-version.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import type { Terminal } from '../terminal.ts';
import { fullTime } from '../time-text.ts';

interface DiffOptions extends CommonOptions {
  readonly exitCode?: true;
}

export function addSchemasDiffCommand(schemas: Command, terminal: Terminal): void {
  const diff = schemas
    .command('diff')
    .summary('compare two versions of a schema')
    .description(
      'Shows what was removed (-) and added (+) between two versions of a schema, by JSON pointer. ' +
        'The order of names is no difference.',
    )
    .argument('<name>', 'the schema')
    .argument('<old>', 'a version', parseVersion)
    .argument('[new]', 'another; the active one when left out', parseVersion)
    .option('--exit-code', 'exit with 1 when there is a difference');
  addDatabaseReadOptions(diff);
  addExamples(
    diff,
    'connections schemas diff customers 1',
    'connections schemas diff customers 1 2 --exit-code',
  );
  diff.action((name: string, from: number, to: number | undefined, options: DiffOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(schemaService, channel);
      const { namespace, json, exitCode } = options;
      const [before, after] = await Promise.all(
        [from, to].map((version) =>
          schemaVersion(client, { namespace, name, version }, callOptions(options, terminal)),
        ) as [Promise<SchemaVersion>, Promise<SchemaVersion>],
      );
      const changes = jsonDiff(content(before), content(after));
      if (json) printJson(terminal, { name, old: aboutJson(before), new: aboutJson(after), changes });
      else printText(before, after, changes, terminal);
      if (exitCode && before.fingerprint !== after.fingerprint) {
        throw new CliError(`versions ${before.version} and ${after.version} of ${name} differ`);
      }
    }),
  );
}

function content({ document }: SchemaVersion): Json {
  return JSON.parse(document);
}

function printText(
  before: SchemaVersion,
  after: SchemaVersion,
  changes: readonly JsonChange[],
  terminal: Terminal,
): void {
  if (changes.length > 0) {
    const heads = [`--- ${headOf(before)}`, `+++ ${headOf(after)}`];
    terminal.print([...heads, diffText(changes, terminal)].join('\n'));
  } else if (before.fingerprint !== after.fingerprint) {
    // Their numbers have more digits than a double, so that they are equal here and not for the service.
    terminal.note('the versions differ only in digits of long numbers');
  } else {
    terminal.note(`versions ${before.version} and ${after.version} have the same content`);
  }
}

function headOf({ version, active, createTime }: SchemaVersion): string {
  return `version ${version}${active ? ' (active)' : ''}, ${fullTime(createTime)}`;
}

function aboutJson({ version, fingerprint, active }: SchemaVersion): object {
  return { version: String(version), fingerprint, active };
}

/** `connections schemas versions`: the versions of one schema. */
import { createClient } from '@connections/grpc';
import { schemaService } from '@connections/proto-utils';
import type { SchemaVersion } from '@connections/proto-utils/v1/schemas';
import type { Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { allOption, type ListingOptions, limitOption, listed, printListing } from '../listing.ts';
import { hintWhenMissing } from '../name-missing.ts';
import { protoJson } from '../proto-json.ts';
import { addDatabaseReadOptions } from '../read-options.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import type { Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { cellTime } from '../time-text.ts';

const missingHint = 'look for it with `connections schemas list`, or in another --namespace';

/** Enough to tell contents apart at a glance. */
const shownDigits = 12;

const columns: readonly Column[] = [
  { title: 'VERSION', align: 'right' },
  { title: 'ACTIVE' },
  { title: 'REGISTERED' },
  { title: 'AUTHOR' },
  { title: 'NOTE' },
  { title: 'FINGERPRINT' },
];

export function addSchemasVersionsCommand(schemas: Command, terminal: Terminal): void {
  const versions = schemas
    .command('versions')
    .summary('list the versions of a schema')
    .description('Lists the versions of a schema, oldest first, the active one last.')
    .argument('<name>', 'the schema')
    .addOption(limitOption())
    .addOption(allOption());
  addDatabaseReadOptions(versions);
  addExamples(versions, 'connections schemas versions customers');
  versions.action((name: string, options: CommonOptions & ListingOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(schemaService, channel);
      const call = callOptions(options, terminal);
      const { namespace } = options;
      let nextPageToken = '';
      const items = listed(options, async (page) => {
        const found = await hintWhenMissing(
          client.listVersions({ namespace, name, ...page }, call),
          missingHint,
        );
        nextPageToken = found.nextPageToken;
        return { items: found.versions, nextPageToken };
      });
      const listing = {
        items,
        field: 'versions',
        toJson: protoJson,
        about: () => ({ nextPageToken }),
        columns,
        toRow: (version: SchemaVersion) => row(version, terminal),
        none: 'there are no versions',
      };
      await printListing(listing, options, terminal);
      if (nextPageToken !== '') terminal.note('there are later ones: list them with --limit or --all');
    }),
  );
}

function row(schema: SchemaVersion, terminal: Terminal): string[] {
  const { version, active, createTime, author, note, fingerprint } = schema;
  const shown = fingerprint.slice(0, shownDigits);
  return [String(version), active ? 'yes' : '', cellTime(createTime, terminal), author, note, shown];
}

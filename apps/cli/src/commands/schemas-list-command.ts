/** `connections schemas list`: the registered names with their active versions. */
import { createClient } from '@connections/grpc';
import { schemaService } from '@connections/proto-utils';
import type { SchemaVersion } from '@connections/proto-utils/v1/schemas';
import type { Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { allOption, type ListingOptions, limitOption, listed, printListing } from '../listing.ts';
import { protoJson } from '../proto-json.ts';
import { addDatabaseReadOptions } from '../read-options.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import type { Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { cellTime } from '../time-text.ts';

interface ListOptions extends CommonOptions, ListingOptions {
  readonly prefix?: string;
}

const columns: readonly Column[] = [
  { title: 'NAME', whole: true },
  { title: 'VERSION', align: 'right' },
  { title: 'REGISTERED' },
  { title: 'AUTHOR' },
  { title: 'NOTE' },
];

export function addSchemasListCommand(schemas: Command, terminal: Terminal): void {
  const list = schemas
    .command('list')
    .summary('list the names with their active versions')
    .description('Lists the registered names in order, with their active versions.')
    .option('--prefix <text>', 'only names that start with it')
    .addOption(limitOption())
    .addOption(allOption());
  addDatabaseReadOptions(list);
  addExamples(list, 'connections schemas list --prefix customers');
  list.action((options: ListOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(schemaService, channel);
      const call = callOptions(options, terminal);
      const { namespace, prefix } = options;
      let about = { nextPageToken: '', totalSize: 0 };
      const items = listed(options, async (page) => {
        const { schemas: found, ...rest } = await client.list({ namespace, prefix, ...page }, call);
        about = rest;
        return { items: found, nextPageToken: rest.nextPageToken };
      });
      const listing = {
        items,
        field: 'schemas',
        toJson: protoJson,
        about: () => about,
        columns,
        toRow: (schema: SchemaVersion) => row(schema, terminal),
        none: prefix ? 'no name starts so' : 'there are no schemas',
      };
      await printListing(listing, options, terminal);
      if (about.nextPageToken !== '') {
        const all = prefix ? '' : `, ${about.totalSize} in all`;
        terminal.note(`there are more${all}: list them with --limit or --all`);
      }
    }),
  );
}

function row({ name, version, createTime, author, note }: SchemaVersion, terminal: Terminal): string[] {
  return [name, String(version), cellTime(createTime, terminal), author, note];
}

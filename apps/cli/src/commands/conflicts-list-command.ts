/** `connections conflicts list`: what is in conflict, the newest first. */
import { createClient } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import type { Conflict } from '@connections/proto-utils/v1/tasks';
import type { Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { conflictJson, reasonText, taskName } from '../conflict-messages.ts';
import { addExamples } from '../examples.ts';
import { allOption, type ListingOptions, limitOption, listed, printListing } from '../listing.ts';
import { addDatabaseOptions } from '../read-options.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import type { Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { cellTime } from '../time-text.ts';

const columns: readonly Column[] = [
  { title: 'CONFLICT', whole: true },
  { title: 'NAMESPACE' },
  { title: 'TASK' },
  { title: 'FOUND' },
  { title: 'WRITES', align: 'right' },
  { title: 'REASON' },
];

export function addConflictsListCommand(conflicts: Command, terminal: Terminal): void {
  const list = conflicts
    .command('list')
    .summary('list the conflicts')
    .description('Lists the conflicts of every namespace, the newest first.')
    .addOption(limitOption())
    .addOption(allOption());
  addDatabaseOptions(list);
  addExamples(
    list,
    'connections conflicts list',
    "connections conflicts list --all --json | jq -r '.conflicts[].id'",
  );
  list.action((options: CommonOptions & ListingOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(taskService, channel);
      const call = callOptions(options, terminal);
      const about = { nextPageToken: '' };
      const items = listed(options, async (page) => {
        const { conflicts: found, nextPageToken } = await client.listConflicts(page, call);
        about.nextPageToken = nextPageToken;
        return { items: found, nextPageToken };
      });
      const listing = {
        items,
        field: 'conflicts',
        toJson: conflictJson,
        about: () => about,
        columns,
        toRow: (conflict: Conflict) => row(conflict, terminal),
        none: 'there are no conflicts',
      };
      await printListing(listing, options, terminal);
      if (about.nextPageToken !== '') terminal.note('there are more: list them with --limit or --all');
    }),
  );
}

function row(conflict: Conflict, terminal: Terminal): string[] {
  const { id, namespace, time, writeCount, reason } = conflict;
  return [
    id,
    namespace,
    taskName(conflict),
    cellTime(time, terminal),
    String(writeCount),
    reasonText(reason),
  ];
}

/** `connections tasks list`: the tasks that match, the one that changed last first. */
import { createClient } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import type { Source, Task } from '@connections/proto-utils/v1/tasks';
import type { Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { allOption, type ListingOptions, limitOption, listed, printListing } from '../listing.ts';
import { addDatabaseReadOptions } from '../read-options.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import type { Column } from '../table.ts';
import { sourceJson, taskJson } from '../task-messages.ts';
import type { Terminal } from '../terminal.ts';
import { cellTime } from '../time-text.ts';

interface ListOptions extends CommonOptions, ListingOptions {
  readonly category?: string;
  readonly importName?: string;
  readonly status?: string;
}

interface About {
  nextPageToken: string;
  source: Source;
  partial: boolean;
}

const columns: readonly Column[] = [
  { title: 'TASK', whole: true },
  { title: 'STATUS' },
  { title: 'UPDATED' },
  { title: 'MESSAGE' },
];

export function addTasksListCommand(tasks: Command, terminal: Terminal): void {
  const list = tasks
    .command('list')
    .summary('list the tasks that match')
    .description('Lists the tasks that match every filter, the one that changed last first.')
    .option('--category <name>', 'only of this category')
    .option('--import-name <name>', 'only of this import name')
    .option('--status <status>', 'only in this status')
    .addOption(limitOption())
    .addOption(allOption());
  addDatabaseReadOptions(list);
  addExamples(
    list,
    'connections tasks list --category validation --status failed',
    "connections tasks list --all --json | jq -r '.tasks[].id'",
  );
  list.action((options: ListOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(taskService, channel);
      const call = callOptions(options, terminal);
      const { category, importName, status, namespace } = options;
      const about: About = { nextPageToken: '', source: 0, partial: false };
      const items = listed(options, async (page) => {
        const found = await client.list({ category, importName, status, namespace, ...page }, call);
        about.nextPageToken = found.nextPageToken;
        about.partial ||= found.partial;
        // The sources are numbered by how far they can be trusted, from 1, the most: a listing is as good as its worst page.
        if (found.source > about.source) about.source = found.source;
        return { items: found.tasks, nextPageToken: found.nextPageToken };
      });
      const listing = {
        items,
        field: 'tasks',
        toJson: taskJson,
        about: () => ({ ...about, source: sourceJson(about.source) }),
        columns,
        toRow: (task: Task) => row(task, terminal),
        none: category || importName || status ? 'no task matches' : 'there are no tasks',
      };
      await printListing(listing, options, terminal);
      if (about.nextPageToken !== '') terminal.note('there are more: list them with --limit or --all');
      if (about.partial)
        terminal.note(
          'some tasks may be missing or old: a store is away, or not all buffered writes have come home',
        );
    }),
  );
}

function row({ category, id, status, updateTime, message }: Task, terminal: Terminal): string[] {
  return [`${category}/${id}`, status, cellTime(updateTime, terminal), message];
}

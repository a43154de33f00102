/** `connections tasks watch`: a line for each change of one task. */
import { createClient } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import type { Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { printJsonLine } from '../json-output.ts';
import { protoJson } from '../proto-json.ts';
import { addDatabaseReadOptions } from '../read-options.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import type { TaskNews, TaskState } from '../task-news.ts';
import { parseTaskRef, type TaskRef } from '../task-ref.ts';
import { watchTask } from '../task-watch.ts';
import type { Terminal } from '../terminal.ts';
import { printable } from '../text-width.ts';
import { wholeNumber } from '../whole-number.ts';

interface WatchOptions extends CommonOptions {
  readonly until?: readonly string[];
  /** Milliseconds. */
  readonly every: number;
}

export function addTasksWatchCommand(tasks: Command, terminal: Terminal): void {
  const watch = tasks
    .command('watch')
    .summary('follow the changes of one task')
    .description(
      'Prints the task as it is, then a line for each change: time, revision, status, code, message. ' +
        'Waits for a task that is not there yet, and for a service that goes away.',
    )
    .argument('<category/id>', 'the task', parseTaskRef)
    .option('--until <status>', 'end when the task gets into this status; may be repeated', gathered)
    .option('--every <ms>', 'how often to ask', wholeNumber(10, 3_600_000), 1_000);
  addDatabaseReadOptions(watch);
  addExamples(watch, 'connections tasks watch validation/42 --until completed --until failed');
  watch.action((ref: TaskRef, options: WatchOptions) =>
    withChannel(databaseTarget(options, terminal), async (channel) => {
      const { namespace, every: everyMs, until = [] } = options;
      const call = callOptions(options, terminal);
      const { signal } = call;
      const note = (text: string) => terminal.note(printable(text));
      const watched = { client: createClient(taskService, channel), ref: { ...ref, namespace }, call };
      for await (const news of watchTask(watched, { everyMs, signal, note })) {
        if (news.event === 'waiting')
          note(`waiting for ${ref.category}/${ref.id}: there is no such task yet`);
        else if (news.event === 'missed')
          note('changes are missing here: there were more than the service keeps');
        else print(news, ref, options, terminal);
        if ('status' in news && until.includes(news.status)) return;
      }
    }),
  );
}

function gathered(status: string, statuses: readonly string[] = []): readonly string[] {
  return [...statuses, status];
}

function print(news: TaskNews, ref: TaskRef, { json }: WatchOptions, terminal: Terminal): void {
  if (json) printJsonLine(terminal, { event: news.event, ...ref, ...(protoJson(news) as object) });
  else terminal.print('status' in news ? lineOf(news) : 'removed');
}

function lineOf({ revision, time, status, code, message }: TaskState): string {
  const place = [time?.toISOString() ?? '-', String(revision).padStart(3)];
  return printable([...place, status.padEnd(15), String(code), message].join('  ')).trimEnd();
}

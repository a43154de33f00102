/** `connections tasks get`: one task, and how it came to its status. */
import { createClient } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import type { GetResponse, Task, Transition } from '@connections/proto-utils/v1/tasks';
import type { Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { printJson } from '../json-output.ts';
import { labelledLines } from '../labelled-lines.ts';
import { hintWhenMissing } from '../name-missing.ts';
import { protoJson } from '../proto-json.ts';
import { addDatabaseReadOptions } from '../read-options.ts';
import { callOptions, databaseTarget, withChannel } from '../service-target.ts';
import { type Column, renderTable } from '../table.ts';
import { answerText, sourceJson, taskJson } from '../task-messages.ts';
import { parseTaskRef, type TaskRef } from '../task-ref.ts';
import type { Terminal } from '../terminal.ts';
import { fullTime } from '../time-text.ts';

interface GetOptions extends CommonOptions {
  readonly history?: true;
  readonly strong?: true;
}

const missingHint = 'look for it with `connections tasks list`, or in another --namespace';

const historyColumns: readonly Column[] = [
  { title: 'REVISION', align: 'right' },
  { title: 'TIME' },
  { title: 'STATUS' },
  { title: 'CODE', align: 'right' },
  { title: 'MESSAGE' },
  { title: 'BY' },
];

export function addTasksGetCommand(tasks: Command, terminal: Terminal): void {
  const get = tasks
    .command('get')
    .summary('show one task')
    .description('Shows one task.')
    .argument('<category/id>', 'the task', parseTaskRef)
    .option('--history', 'its changes of status too: the newest 100, oldest first')
    .option('--strong', 'ask the authority, whatever the view could answer');
  addDatabaseReadOptions(get);
  addExamples(get, 'connections tasks get validation/42 --history');
  get.action(async (ref: TaskRef, options: GetOptions) => {
    await withChannel(databaseTarget(options, terminal), async (channel) => {
      const client = createClient(taskService, channel);
      const call = callOptions(options, terminal);
      const { namespace, strong = false, json } = options;
      const found = await hintWhenMissing(client.get({ ...ref, namespace, strong }, call), missingHint);
      // Only the authority has it: the task is shown first, for a view may know that while the authority is away.
      if (!json) terminal.print(taskText(found));
      const history = options.history && (await client.listTransitions({ ...ref, namespace }, call));
      if (json) {
        const { task, source, token } = found;
        const transitions = history && { transitions: protoJson(history.transitions) };
        const shown = { task: task && taskJson(task), source: sourceJson(source), token, ...transitions };
        printJson(terminal, shown);
      } else if (history) {
        terminal.print(`\n${historyText(history.transitions, terminal)}`);
      }
    });
  });
}

function taskText({ task, source }: GetResponse): string {
  if (task === undefined) return 'the service answered without a task';
  const { data, statusTtl } = task;
  const texts = [labelledLines(taskLines(task))];
  if (data.size > 0) texts.push(labelledLines([...data].map(([key, value]) => [`  ${key}`, value])));
  texts.push(`\n(${answerText(source, statusTtl && Number(statusTtl.seconds))})`);
  return texts.join('\n');
}

function taskLines(task: Task): [string, string][] {
  const { category, id, namespace, status, code, message, revision, importName, data } = task;
  return [
    ['task', `${category}/${id}`],
    ['namespace', namespace],
    ['status', status],
    ['code', String(code)],
    ['message', message || '-'],
    ['revision', String(revision)],
    ['import name', importName],
    ['created', fullTime(task.createTime)],
    ['updated', fullTime(task.updateTime)],
    ['data', data.size === 0 ? '-' : `${data.size} ${data.size === 1 ? 'entry' : 'entries'}`],
  ];
}

function historyText(transitions: readonly Transition[], terminal: Terminal): string {
  const rows = transitions.map(({ revision, time, status, code, message, principal }) => [
    String(revision),
    time?.toISOString() ?? '-',
    status,
    String(code),
    message,
    principal,
  ]);
  return renderTable({ columns: historyColumns, rows }, terminal);
}

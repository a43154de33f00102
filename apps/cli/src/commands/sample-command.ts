/** `connections sample`: data to look at and to try the commands on, and its way out again. */
import { createClient } from '@connections/grpc';
import { messagingService, schemaService, taskService } from '@connections/proto-utils';
import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import {
  type CommonOptions,
  databaseOption,
  jsonOption,
  messagingOption,
  timeoutOption,
} from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { printJson } from '../json-output.ts';
import { labelledLines } from '../labelled-lines.ts';
import { addMessages, removeMessages } from '../sample/sample-messages.ts';
import type { SampleOutcome } from '../sample/sample-outcome.ts';
import { addSchema, removeSchema } from '../sample/sample-schemas.ts';
import { addTasks, removeTasks } from '../sample/sample-tasks.ts';
import { callOptions, databaseTarget, messagingTarget, withChannel } from '../service-target.ts';
import type { Terminal } from '../terminal.ts';

interface SampleOptions extends CommonOptions {
  readonly namespace: string;
}

const widestDid = 'removed'.length;
const widestKind = 'dead letter'.length;

export function addSampleCommand(program: Command, { terminal }: CliContext): void {
  const sample = program
    .command('sample')
    .summary('put in sample data, or take it away')
    .description(
      'Puts in data to look at, every name of which begins with sample-: a schema with two versions, a task in ' +
        'each status, a queue with messages and a dead letter; and takes it away again.',
    );
  const add = sample
    .command('add')
    .summary('put in what is missing of the sample data')
    .description(
      'Puts in what is missing of the sample data, and leaves what is there as it is: a second time changes nothing.',
    );
  addOptions(add);
  addExamples(add, 'connections sample add');
  add.action((options: SampleOptions) => addOrRemove('add', options, terminal));

  const remove = sample
    .command('remove')
    .summary('take the sample data away')
    .description(
      'Takes away what `connections sample add` put in, and nothing else. The two queues stay, empty: ' +
        'no call removes a queue.',
    );
  addOptions(remove);
  addExamples(remove, 'connections sample remove');
  remove.action((options: SampleOptions) => addOrRemove('remove', options, terminal));
}

function addOptions(command: Command): void {
  const description = 'the namespace to put it in, or take it from';
  command
    // The only one that the wire contract has: its clients find the samples too.
    .addOption(new Option('--namespace <name>', description).default('default'))
    .addOption(jsonOption())
    .addOption(databaseOption())
    .addOption(messagingOption())
    .addOption(timeoutOption());
}

async function addOrRemove(
  verb: 'add' | 'remove',
  options: SampleOptions,
  terminal: Terminal,
): Promise<void> {
  const { namespace, json } = options;
  const call = callOptions(options, terminal);
  const inMessaging = verb === 'add' ? addMessages : removeMessages;
  // Printed as it is done: what was changed is known also when the other service is away.
  const outcomes: SampleOutcome[] = [];
  const did = (more: readonly SampleOutcome[]) => {
    outcomes.push(...more);
    if (!json) terminal.print(lines(more));
  };
  await withChannel(databaseTarget(options, terminal), async (channel) => {
    const schemas = createClient(schemaService, channel);
    const tasks = createClient(taskService, channel);
    did([await (verb === 'add' ? addSchema : removeSchema)(schemas, namespace, call)]);
    did(await (verb === 'add' ? addTasks : removeTasks)(tasks, namespace, call));
  });
  await withChannel(messagingTarget(options, terminal), async (channel) => {
    did(await inMessaging(createClient(messagingService, channel), namespace, call));
  });
  if (json) printJson(terminal, { namespace, outcomes });
}

function lines(outcomes: readonly SampleOutcome[]): string {
  return labelledLines(
    outcomes.map(({ did, kind, name, note }) => [
      `${did.padEnd(widestDid)}  ${kind.padEnd(widestKind)}`,
      note === undefined ? name : `${name} (${note})`,
    ]),
  );
}

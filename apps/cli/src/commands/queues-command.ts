/** `connections queues`: the declared queues, what waits in them and who reads them. */
import { createClient } from '@connections/grpc';
import { messagingService } from '@connections/proto-utils';
import type { Command } from 'commander';
import { askAgain } from '../ask-again.ts';
import type { CliContext } from '../cli-context.ts';
import type { CommonOptions } from '../common-options.ts';
import { addExamples } from '../examples.ts';
import { printJson } from '../json-output.ts';
import { protoJson } from '../proto-json.ts';
import { queueDisplay } from '../queue-display.ts';
import { bindingTable, figureTable, type QueueView, queueViews } from '../queue-view.ts';
import { addMessagingReadOptions } from '../read-options.ts';
import { callOptions, messagingTarget, withChannel } from '../service-target.ts';
import type { Terminal } from '../terminal.ts';

interface QueuesOptions extends CommonOptions {
  readonly watch?: true;
}

const refreshMs = 1_000;

export function addQueuesCommand(program: Command, { terminal }: CliContext): void {
  const queues = program
    .command('queues')
    .summary('look at the queues')
    .description(
      'Shows the queues: messages that wait (READY) and that are delivered but not settled (UNSETTLED), consumers, ' +
        'after how many deliveries a message becomes a dead letter (LIMIT), how many did (DEAD); ' +
        'and what is routed to each.',
    )
    .option('--watch', 'ask again every second; in a pipe, print a line for each queue that changed');
  addMessagingReadOptions(queues);
  addExamples(queues, 'connections queues --watch', "connections queues --json | jq '.queues[].ready'");
  queues.action((options: QueuesOptions) =>
    withChannel(messagingTarget(options, terminal), async (channel) => {
      const client = createClient(messagingService, channel);
      const { namespace, json, watch } = options;
      const call = callOptions(options, terminal);
      const ask = async () => queueViews(await client.getTopology({ namespace }, call));
      if (!watch) {
        const views = await ask();
        if (json) printJson(terminal, { queues: protoJson(views) });
        else if (views.length === 0) terminal.note('no queues are declared');
        else terminal.print(tables(views, terminal));
        return;
      }
      const display = queueDisplay(terminal, options);
      const answers = askAgain(ask, { everyMs: refreshMs, signal: call.signal, note: display.note });
      for await (const views of answers) display.show(views);
    }),
  );
}

function tables(queues: readonly QueueView[], terminal: Terminal): string {
  const bindings = bindingTable(queues, terminal);
  return figureTable(queues, terminal) + (bindings === undefined ? '' : `\n\n${bindings}`);
}

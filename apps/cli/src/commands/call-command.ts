/** `connections call`: calls every method of every service, by reflection, with JSON in and out. */
import { Metadata } from '@connections/grpc';
import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { type CliError, usageError } from '../cli-error.ts';
import {
  addressText,
  type CommonOptions,
  databaseOption,
  messagingOption,
  timeoutOption,
} from '../common-options.ts';
import { addExamples } from '../examples.ts';

export interface CallCommandOptions extends CommonOptions {
  readonly address?: string;
  readonly describe?: true;
  readonly template?: true;
  readonly metadata?: Metadata;
}

export function addCallCommand(program: Command, { terminal }: CliContext): void {
  const call = program
    .command('call')
    .summary('call any method with JSON, or list the methods')
    .description(
      'Calls a method with JSON and prints what it answers as JSON. Both services are asked what they serve, ' +
        'so that new methods need no new command. Without a method it lists them.',
    )
    .argument('[method]', 'package.Service/Method; a service alone lists its methods')
    .argument(
      '[json]',
      'the request, several for a stream of them; `-` reads standard input; empty when left out',
    )
    .addOption(
      new Option('--describe', 'print how it is declared, its messages too').conflicts(['template', 'json']),
    )
    .addOption(new Option('--template', 'print a request as JSON, to be filled in'))
    .addOption(metadataOption())
    .addOption(new Option('--json', 'print each answer on one line, and lists as JSON'))
    .addOption(new Option('--address <host:port>', 'ask this server only').argParser(addressText))
    .addOption(databaseOption())
    .addOption(messagingOption())
    .addOption(
      timeoutOption('how long the call may take; a stream lasts until it ends unless this is given'),
    );
  addExamples(
    call,
    'connections call',
    'connections call connections.cache.v1.CacheService/Set \'{"key":"a","value":"aGVsbG8="}\'',
    'connections call connections.tasks.v1.TaskService/Patch --describe',
    'cat requests.ndjson | connections call connections.messaging.v1.MessagingService/Subscribe -',
  );
  call.action(async (method: string | undefined, data: string | undefined, options: CallCommandOptions) => {
    const { runCall } = await import('../reflection/run-call.ts');
    const timed = call.getOptionValueSource('timeout') !== 'default';
    await runCall({ name: method, data, options, timed }, terminal);
  });
}

function metadataOption(): Option {
  return new Option(
    '--metadata <key:value>',
    'metadata of the call, base64 for keys ending in -bin; repeatable',
  ).argParser((text: string, metadata: Metadata = new Metadata()) => {
    const [, key = '', value = ''] = /^([^:]+):\s*(.*)$/s.exec(text) ?? [];
    // Not an InvalidArgumentError: commander would repeat the value, which may be a token.
    if (key === '') throw misused('expected key:value');
    try {
      metadata.add(key, key.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
    } catch (error) {
      throw error instanceof TypeError ? misused(error.message) : error;
    }
    return metadata;
  });
}

function misused(problem: string): CliError {
  return usageError(
    `option '--metadata <key:value>' is invalid, ${problem}`,
    'see `connections call --help`',
  );
}

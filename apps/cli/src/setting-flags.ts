/** The flags that set settings of the services, and the environment they make. */
import { nearestName, variablesOf } from '@connections/runtime';
import type { EnvironmentLayer } from '@connections/runtime/environment';
import { type Command, Option } from 'commander';
import { type CliError, usageError } from './cli-error.ts';

/** What commander reads of a command that has the flags; the keys are those of the flags' long names. */
export interface SettingOptions {
  readonly set?: readonly Assignment[];
  readonly [flag: string]: unknown;
}

interface Assignment {
  readonly name: string;
  readonly value: string;
}

interface SettingFlag {
  readonly flag: string;
  readonly variables: readonly string[];
  readonly doc: string;
}

const flags: readonly SettingFlag[] = [
  one(
    '--database-port <port>',
    'DATABASE_CONNECTION_PORT',
    'port of the Database service; 0 is any free one',
  ),
  one('--messaging-port <port>', 'MESSAGING_CONNECTION_PORT', 'port of the Messaging service'),
  one(
    '--database-http-port <port>',
    'DATABASE_HTTP_PORT',
    'port of metrics and probes of the Database service',
  ),
  one(
    '--messaging-http-port <port>',
    'MESSAGING_HTTP_PORT',
    'port of metrics and probes of the Messaging service',
  ),
  {
    flag: '--host <address>',
    variables: ['DATABASE_CONNECTION_HOST', 'MESSAGING_CONNECTION_HOST'],
    doc: 'address that both services listen on',
  },
  one('--data <folder>', 'CONNECTIONS_DATA', 'folder of the embedded drivers'),
  one('--cache-url <url>', 'DATABASE_CACHE_URL', 'store of the cache'),
  one('--schemas-url <url>', 'DATABASE_SCHEMAS_URL', 'store of the schemas'),
  one('--tasks-url <url>', 'DATABASE_TASKS_URL', 'store of the tasks'),
  one('--tasks-view-url <url>', 'DATABASE_TASKS_VIEW_URL', 'view of tasks on MongoDB'),
  one('--broker-url <url>', 'MESSAGING_BROKER_URL', 'broker behind the Messaging service'),
  one('--log-level <level>', 'LOG_LEVEL', 'debug, info, warn, error or silent'),
];

/** Adds them, and `--set` for every setting without a flag of its own. */
export function addSettingFlags(command: Command): Command {
  for (const { flag, doc } of flags) command.addOption(new Option(flag, doc));
  return command.addOption(
    new Option('--set <NAME=value>', 'any setting by its variable; may be repeated').argParser(collected),
  );
}

/** The strongest layer of the environment. `tables` tells which names are settings. */
export function flagLayer(
  options: SettingOptions,
  tables: Readonly<Record<string, Parameters<typeof variablesOf>[0]>>,
): EnvironmentLayer {
  const variables = new Map<string, string>();
  for (const { flag, variables: names } of flags) {
    const value = options[new Option(flag).attributeName()];
    if (typeof value === 'string') for (const name of names) variables.set(name, value);
  }
  const known = Object.values(tables).flatMap(variablesOf);
  for (const { name, value } of options.set ?? []) {
    if (!known.includes(name)) throw unknownSetting(name, known);
    variables.set(name, value);
  }
  return { origin: 'flag', variables: Object.fromEntries(variables) };
}

/** What a start failed for, with the flag beside each variable that it names. */
export function namingFlags(message: string): string {
  return flags
    .filter(({ variables }) => variables.length === 1)
    .reduce(
      (text, { flag, variables: [name = ''] }) =>
        text.replace(new RegExp(`\\b${name}\\b`, 'g'), `${name} or ${flag.split(' ')[0]}`),
      message,
    );
}

function one(flag: string, variable: string, doc: string): SettingFlag {
  return { flag, variables: [variable], doc };
}

function collected(text: string, earlier: readonly Assignment[] = []): readonly Assignment[] {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    // Not an InvalidArgumentError: commander would repeat the text, which may hold a password.
    throw usageError(
      "option '--set <NAME=value>' is invalid, expected NAME=value",
      '`connections config` lists the names',
    );
  }
  return [...earlier, { name, value }];
}

function unknownSetting(name: string, known: readonly string[]): CliError {
  const near = nearestName(name, known);
  return usageError(
    `there is no setting ${name}`,
    near ? `did you mean ${near}?` : '`connections config` lists them',
  );
}

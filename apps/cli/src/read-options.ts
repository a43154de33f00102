/** The options of every command that looks something up in a service. */
import type { Command, Option } from 'commander';
import {
  databaseOption,
  jsonOption,
  messagingOption,
  namespaceOption,
  timeoutOption,
} from './common-options.ts';

/** Of the Database service. */
export function addDatabaseReadOptions(command: Command): Command {
  return addReadOptions(command, databaseOption());
}

/** Of the Messaging service. */
export function addMessagingReadOptions(command: Command): Command {
  return addReadOptions(command, messagingOption());
}

function addReadOptions(command: Command, service: Option): Command {
  return command
    .addOption(namespaceOption())
    .addOption(jsonOption())
    .addOption(service)
    .addOption(timeoutOption());
}

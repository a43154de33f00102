/** The options of every command that asks a service about something. */
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

/** Of the Database service, for what is named in no namespace. */
export function addDatabaseOptions(command: Command): Command {
  return addCallOptions(command, databaseOption());
}

function addReadOptions(command: Command, service: Option): Command {
  return addCallOptions(command.addOption(namespaceOption()), service);
}

function addCallOptions(command: Command, service: Option): Command {
  return command.addOption(jsonOption()).addOption(service).addOption(timeoutOption());
}

/** The options that mean the same in every command that has them. */
import { InvalidArgumentError, Option } from 'commander';

/** What the options of a command hold that took them all; a command names those it took. */
export interface CommonOptions {
  readonly json?: true;
  readonly database?: string;
  readonly messaging?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly namespace?: string;
}

const maxTimeoutSeconds = 86_400;

export function jsonOption(): Option {
  return new Option('--json', 'print JSON instead of a table');
}

export function databaseOption(): Option {
  return new Option('--database <host:port>', 'address of the Database service').argParser(addressText);
}

export function messagingOption(): Option {
  return new Option('--messaging <host:port>', 'address of the Messaging service').argParser(addressText);
}

export function timeoutOption(description = 'how long each call may take'): Option {
  return new Option('--timeout <seconds>', description).default(10).argParser(seconds);
}

export function namespaceOption(): Option {
  return new Option('--namespace <name>', 'the namespace to look in, `default` when left out');
}

/** Greater than 0, fractions included. */
export function seconds(text: string): number {
  const number = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number > 0 && number <= maxTimeoutSeconds) return number;
  throw new InvalidArgumentError(`expected seconds above 0, up to ${maxTimeoutSeconds}`);
}

export function addressText(text: string): string {
  const [, port] = /^(?:[^\s:[\]/]+|\[[0-9a-f:.]+\]):(\d{1,5})$/i.exec(text) ?? [];
  if (port !== undefined && Number(port) > 0 && Number(port) <= 65_535) return text;
  throw new InvalidArgumentError('expected host:port, as in 127.0.0.1:50050');
}

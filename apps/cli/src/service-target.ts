/** Which service a command talks to, and the connection to it. */
import { type CallOptions, type Channel, isStatusError } from '@connections/grpc';
import type { Environment } from '@connections/runtime';
import { CliError } from './cli-error.ts';
import type { CommonOptions } from './common-options.ts';
import { exitCodes, failedCallCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export interface ServiceTarget {
  readonly name: 'database' | 'messaging';
  /** `host:port`. */
  readonly address: string;
}

const services = {
  database: { prefix: 'DATABASE_CONNECTION', port: 50_050 },
  messaging: { prefix: 'MESSAGING_CONNECTION', port: 50_055 },
} as const;

/** The address that the option names, else the one that the service is set to listen on. */
export function databaseTarget(options: Pick<CommonOptions, 'database'>, terminal: Terminal): ServiceTarget {
  return { name: 'database', address: options.database ?? configuredAddress('database', terminal.env) };
}

/** The same for the Messaging service. */
export function messagingTarget(
  options: Pick<CommonOptions, 'messaging'>,
  terminal: Terminal,
): ServiceTarget {
  return { name: 'messaging', address: options.messaging ?? configuredAddress('messaging', terminal.env) };
}

/** What each call of a command is made with. */
export function callOptions(
  options: Pick<CommonOptions, 'timeout'>,
  terminal: Terminal,
): { readonly timeoutMs: number; readonly signal: AbortSignal } & CallOptions {
  return { timeoutMs: options.timeout * 1_000, signal: terminal.interrupted };
}

/** Nothing answers there: the services do not run, or run elsewhere. */
export class UnreachableError extends CliError {}

/** Closes the channel when `use` is done. A service that cannot be reached is said so with its address. */
export async function withChannel<T>(
  target: ServiceTarget,
  use: (channel: Channel) => Promise<T>,
): Promise<T> {
  const { createGrpcJsChannel } = await import('@connections/grpc/grpc-js');
  const channel = createGrpcJsChannel(target.address);
  try {
    return await use(channel);
  } catch (error) {
    throw isUnreachable(error) ? unreachable(target, error) : error;
  } finally {
    channel.close();
  }
}

/** UNAVAILABLE by the transport, not by a service that answered: those give a reason. */
function isUnreachable(error: unknown): boolean {
  return isStatusError(error) && error.status === 'UNAVAILABLE' && error.reason === undefined;
}

function unreachable({ name, address }: ServiceTarget, cause: unknown): UnreachableError {
  const why = isStatusError(cause) ? reasonOf(cause.message) : '';
  return new UnreachableError(`the ${name} service cannot be reached on ${address}${why}`, {
    hint: startHint(name),
    exitCode: failedCallCode('UNAVAILABLE'),
    cause,
  });
}

/** What to do about a service that is not there. */
export function startHint(name: ServiceTarget['name']): string {
  const { prefix } = services[name];
  return `start it with \`connections up\`, or give its address with --${name} or ${prefix}_HOST and ${prefix}_PORT`;
}

function reasonOf(message: string): string {
  if (message.includes('ECONNREFUSED')) return ', where nothing listens';
  return /ENOTFOUND|Name resolution failed/.test(message) ? ', a host that is not known' : '';
}

function configuredAddress(name: ServiceTarget['name'], env: Environment): string {
  const { prefix, port: usualPort } = services[name];
  const port = env[`${prefix}_PORT`] || String(usualPort);
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw new CliError(`${prefix}_PORT is ${JSON.stringify(port)}, which is no port to connect to`, {
      hint: `set it to the port of the service, or give the address with --${name}`,
      exitCode: exitCodes.usage,
    });
  }
  return `${reachableHost(env[`${prefix}_HOST`] || '127.0.0.1')}:${port}`;
}

/** A service that listens on every address is reached on the machine's own. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** Which service a command talks to, and the connection to it. */
import {
  type CallOptions,
  type Channel,
  type ClientTls,
  createChannel,
  isStatusError,
  type StatusError,
} from '@connections/grpc';
import type { Environment } from '@connections/runtime';
import { CliError, usageError } from './cli-error.ts';
import { clientTls } from './client-tls.ts';
import type { CommonOptions } from './common-options.ts';
import { failedCallCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export interface ServiceTarget extends CallTarget {
  readonly name: 'database' | 'messaging';
}

export interface CallTarget {
  /** Undefined for a server that was named by its address alone. */
  readonly name: ServiceTarget['name'] | undefined;
  /** `host:port`. */
  readonly address: string;
  /** @default the connection is plain */
  readonly tls?: ClientTls | undefined;
}

const services = {
  database: { prefix: 'DATABASE_CONNECTION', port: 50_050 },
  messaging: { prefix: 'MESSAGING_CONNECTION', port: 50_055 },
} as const;

/** The address that the option names, else the one that the service is set to listen on. */
export function databaseTarget(
  options: Pick<CommonOptions, 'database'>,
  terminal: Pick<Terminal, 'env'>,
): ServiceTarget {
  const { env } = terminal;
  const address = options.database ?? configuredAddress('database', env);
  return { name: 'database', address, tls: clientTls(env) };
}

/** The same for the Messaging service. */
export function messagingTarget(
  options: Pick<CommonOptions, 'messaging'>,
  terminal: Pick<Terminal, 'env'>,
): ServiceTarget {
  const { env } = terminal;
  const address = options.messaging ?? configuredAddress('messaging', env);
  return { name: 'messaging', address, tls: clientTls(env) };
}

/** What each call of a command is made with. */
export function callOptions(
  options: Pick<CommonOptions, 'timeout'>,
  terminal: Terminal,
): { readonly timeoutMs: number; readonly signal: AbortSignal } & CallOptions {
  return { timeoutMs: options.timeout * 1_000, signal: terminal.interrupted };
}

/** No service answers there: it does not run, or runs elsewhere. */
export class UnreachableError extends CliError {}

/** Something is there, and the time of the call is over. */
export class LateError extends UnreachableError {}

/** Closes the channel when `use` is done. A server that cannot be reached, or is late, is said so with its address. */
export async function withChannel<T>(target: CallTarget, use: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = openChannel(target);
  try {
    return await use(channel);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    if (error.status === 'DEADLINE_EXCEEDED') throw late(target, error);
    // By the transport: a service that answers so gives a reason.
    if (error.status === 'UNAVAILABLE' && error.reason === undefined) throw unreachable(target, error);
    throw error;
  } finally {
    channel.close();
  }
}

function openChannel({ address, tls }: CallTarget): Channel {
  try {
    return createChannel(address, tls && { tls });
  } catch {
    throw usageError(`${JSON.stringify(address)} is no address of a server`, 'give it as host:port');
  }
}

function unreachable({ name, address }: CallTarget, cause: StatusError): UnreachableError {
  const why = reasonOf(cause.message);
  return new UnreachableError(`${nameOf(name)} cannot be reached on ${address}${why}`, {
    hint: name === undefined ? 'check the address' : startHint(name),
    exitCode: failedCallCode('UNAVAILABLE'),
    cause,
  });
}

function late({ name, address }: CallTarget, cause: StatusError): LateError {
  return new LateError(`${nameOf(name)} on ${address} has not answered in time`, {
    hint: 'give it longer with --timeout, or look into its log',
    exitCode: failedCallCode('DEADLINE_EXCEEDED'),
    cause,
  });
}

function nameOf(name: CallTarget['name']): string {
  return name === undefined ? 'the server' : `the ${name} service`;
}

/** What to do about a service that is not there. */
export function startHint(name: ServiceTarget['name']): string {
  const { prefix } = services[name];
  return `start it with \`connections up\`, or give its address with --${name} or ${prefix}_HOST and ${prefix}_PORT`;
}

function reasonOf(message: string): string {
  if (message.includes('ECONNREFUSED')) return ', where nothing listens';
  if (message.includes('ENOTFOUND')) return ', a host that is not known';
  // A server that talks, but something else.
  return message.includes('HTTP/2') ? ', where something else answers' : '';
}

function configuredAddress(name: ServiceTarget['name'], env: Environment): string {
  const { prefix, port: usualPort } = services[name];
  const port = env[`${prefix}_PORT`] || String(usualPort);
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw usageError(
      `${prefix}_PORT is ${JSON.stringify(port)}, which is no port to connect to`,
      `set it to the port of the service, or give the address with --${name}`,
    );
  }
  return `${reachableHost(env[`${prefix}_HOST`] || '127.0.0.1')}:${port}`;
}

/** A service that listens on every address is reached on the machine's own. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

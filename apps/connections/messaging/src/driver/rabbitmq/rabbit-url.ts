/** What a RabbitMQ URL says: one broker, how to log in, and the virtual host. */
import type { AmqpAddress } from '@connections/amqp';

export interface RabbitAddress extends AmqpAddress {
  /** The URL without its credentials. */
  readonly where: string;
}

/** The schemes of a RabbitMQ URL, each with its colon. */
export const rabbitSchemes = ['amqp:', 'amqps:'] as const;

const form = /^(amqps?):\/\/(?:([^@/]*)@)?(?:\[([^\]]+)\]|([^@/?#:,]+))(?::(\d{1,5}))?(?:\/([^/?#]*))?$/i;

/**
 * `amqp://user:password@host:port/vhost`; `amqps` for TLS. Without a path the virtual host is `/`, as in the variables
 * of existing deployments; `%2F` is that, too. Throws a RangeError without the text: it may hold a password.
 */
export function parseRabbitUrl(url: string): RabbitAddress {
  const [, scheme, credentials, bracketed, plain, portText, path] = form.exec(url) ?? [];
  const host = bracketed ?? plain;
  if (scheme === undefined || host === undefined) throw new RangeError('not a RabbitMQ URL of one host');
  const tls = scheme.toLowerCase() === 'amqps';
  const port = portText === undefined ? (tls ? 5_671 : 5_672) : Number(portText);
  if (port < 1 || port > 65_535) throw new RangeError('not a port');
  return {
    tls,
    host,
    port,
    virtualHost: path ? decoded(path) : '/',
    ...credentialsOf(credentials),
    where: credentials === undefined ? url : url.replace(`${credentials}@`, ''),
  };
}

function credentialsOf(text: string | undefined): Pick<RabbitAddress, 'username' | 'password'> {
  // What a fresh broker has, and takes from the same machine only.
  if (text === undefined) return { username: 'guest', password: 'guest' };
  const colon = text.indexOf(':');
  if (colon < 0) return { username: decoded(text), password: '' };
  return { username: decoded(text.slice(0, colon)), password: decoded(text.slice(colon + 1)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RangeError('a % that encodes nothing: write %25');
  }
}

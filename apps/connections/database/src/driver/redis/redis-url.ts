/** What a Redis URL says: one server, the Sentinels of one, or the first nodes of a Cluster. */

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What every connection to these servers needs. */
export interface Access {
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

export interface RedisAddress {
  readonly topology: 'single' | 'sentinel' | 'cluster';
  readonly endpoints: readonly Endpoint[];
  /** What the Sentinels call the master; empty elsewhere. */
  readonly masterName: string;
  readonly access: Access;
  /** The URL without its credentials. */
  readonly where: string;
}

/** The schemes of a Redis URL, each with its colon. */
export const redisSchemes = [
  'redis:',
  'rediss:',
  'redis+sentinel:',
  'rediss+sentinel:',
  'redis+cluster:',
  'rediss+cluster:',
] as const;

const form = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^@/?#]+)((?:\/[^/?#]*)*)$/;
const defaultPort = 6_379;
const defaultSentinelPort = 26_379;

/**
 * `redis://[user:password@]host:port/db`, `redis+sentinel://h1:p,h2:p/<master name>/<db>`, `redis+cluster://h1:p,h2:p`;
 * `rediss` in place of `redis` for TLS. URL of the platform takes one host only. Throws a RangeError, without the text:
 * it may hold a password.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const [, scheme, kind, credentials, hosts = '', path = ''] = form.exec(url) ?? [];
  if (!scheme) throw new RangeError('not a Redis URL');
  const topology = kind === 'sentinel' || kind === 'cluster' ? kind : 'single';
  const endpoints = hosts
    .split(',')
    .map((host) => endpointOf(host, kind === 'sentinel' ? defaultSentinelPort : defaultPort));
  if (topology === 'single' && endpoints.length > 1) {
    throw new RangeError('more than one host: use redis+sentinel or redis+cluster');
  }
  const steps = path.split('/').slice(1).map(decoded);
  const masterName = topology === 'sentinel' ? (steps.shift() ?? '') : '';
  if (topology === 'sentinel' && masterName === '') throw new RangeError('the name of the master is missing');
  const [databaseText = '', ...rest] = steps;
  if (!/^\d{0,5}$/.test(databaseText) || rest.length > 0) {
    throw new RangeError('what follows the host is not the number of a database');
  }
  const database = Number(databaseText);
  if (topology === 'cluster' && database !== 0) throw new RangeError('a Cluster has database 0 only');
  return {
    topology,
    endpoints,
    masterName,
    access: { tls: scheme === 'rediss', database, ...credentialsOf(credentials) },
    where: credentials === undefined ? url : url.replace(`${credentials}@`, ''),
  };
}

function endpointOf(text: string, fallbackPort: number): Endpoint {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? fallbackPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) throw new RangeError('not a host and a port');
  return { host, port: number };
}

function credentialsOf(text: string | undefined): Pick<Access, 'username' | 'password'> {
  if (text === undefined) return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  const [username, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return {
    username: username === '' ? undefined : decoded(username),
    password: password === '' ? undefined : decoded(password),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RangeError('a % that encodes nothing: write %25');
  }
}

/** What a channel is opened to: the names of gRPC's naming document that this client knows. */

export interface TcpAddress {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
}

export interface UnixAddress {
  readonly path: string;
}

export type Address = TcpAddress | UnixAddress;

export interface Target {
  /** What servers are told they are called by. */
  readonly authority: string;
  /** What their certificates have to hold. */
  readonly host: string;
  /** To be looked up; undefined when the addresses are given. */
  readonly name: { readonly host: string; readonly port: number } | undefined;
  readonly addresses: readonly Address[];
}

/**
 * `host:port`, `[::1]:port`, `dns:///host:port`, `ipv4:1.2.3.4:port,5.6.7.8:port`, `ipv6:[::1]:port,[::2]:port`, `unix:path`
 * and `unix:///absolute/path`. Throws a TypeError for anything else, a port that is missing and a name server included.
 */
export function parseTarget(text: string): Target {
  const [, scheme = 'dns', rest = ''] = /^(?:(dns|ipv4|ipv6|unix):)?(.*)$/s.exec(text) ?? [];
  if (scheme === 'unix') return unixTarget(text, rest);
  if (scheme === 'dns') return nameTarget(text, rest.replace(/^\/\/\//, ''));
  const parts = rest.split(',').map((part) => hostAndPort(text, part));
  for (const { host } of parts) {
    if (ipVersion(host) !== scheme) throw malformed(text, `${host} is no ${scheme} address`);
  }
  const [first = ''] = rest.split(',');
  return { authority: first, host: parts[0]?.host ?? '', name: undefined, addresses: parts };
}

/** As it is written in a target, and as people know it. */
export function addressText(address: Address): string {
  if ('path' in address) return address.path;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function unixTarget(text: string, rest: string): Target {
  const path = rest.startsWith('//') ? rest.slice(2) : rest;
  if (path === '') throw malformed(text, 'the path is missing');
  return { authority: 'localhost', host: 'localhost', name: undefined, addresses: [{ path }] };
}

function nameTarget(text: string, rest: string): Target {
  const name = hostAndPort(text, rest);
  const { host } = name;
  if (ipVersion(host)) return { authority: rest, host, name: undefined, addresses: [name] };
  return { authority: rest, host, name, addresses: [] };
}

function hostAndPort(text: string, part: string): TcpAddress {
  const match = /^(?:\[([\da-f:.]+(?:%[\w.-]+)?)\]|([\w.-]+)):(\d{1,5})$/i.exec(part);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined) throw malformed(text, 'it is no host:port');
  if (port < 1 || port > 65_535) throw malformed(text, `${match?.[3]} is no port`);
  return { host, port };
}

function ipVersion(host: string): 'ipv4' | 'ipv6' | undefined {
  if (host.includes(':')) return 'ipv6';
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? 'ipv4' : undefined;
}

function malformed(text: string, why: string): TypeError {
  return new TypeError(`${JSON.stringify(text)} is no target of a channel: ${why}`);
}

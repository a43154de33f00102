/** Reads what a node of a Cluster says of the slots and their masters. */
import type { Reply } from './redis-connection.ts';
import type { Endpoint } from './redis-url.ts';

export interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly master: Endpoint;
}

/** The reply to CLUSTER SLOTS. A node that does not know its own name leaves it out: it is where it was asked. */
export function slotRanges(reply: Reply, asked: Endpoint): SlotRange[] {
  if (!Array.isArray(reply)) throw new Error('no table of slots came back');
  return reply.map((range) => {
    const [first, last, master] = range as readonly Reply[];
    const [host, port] = master as readonly Reply[];
    return {
      first: Number(first),
      last: Number(last),
      master: { host: hostOr(String(host ?? ''), asked), port: Number(port) },
    };
  });
}

/** The slot's new place in a refusal: `MOVED 3999 10.0.0.7:6379`, `ASK …`. */
export function redirection(message: string, asked: Endpoint): Endpoint {
  const [, , address = ''] = message.split(' ');
  const colon = address.lastIndexOf(':');
  return { host: hostOr(address.slice(0, colon), asked), port: Number(address.slice(colon + 1)) };
}

function hostOr(host: string, asked: Endpoint): string {
  return host === '' || host === '?' ? asked.host : host;
}

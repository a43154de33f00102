/** Asks the Sentinels which server is the master now. */
import { RedisConnection, type Reply } from './redis-connection.ts';
import { replyCode } from './redis-errors.ts';
import type { Access, Endpoint } from './redis-url.ts';

/** A Sentinel that takes longer is left out of this attempt. */
const patienceMs = 500;

/**
 * What most of them say: one that is cut off from the others may name a master of the past for ever, faster than they. Does
 * not wait for those that cannot change that. It may be out of date: the server is asked for its role.
 */
export function sentinelLookup(
  sentinels: readonly Endpoint[],
  masterName: string,
  access: Access,
): () => Promise<Endpoint> {
  return () => mostNamed(sentinels.map((sentinel) => masterBy(sentinel, masterName, access)));
}

async function mostNamed(answers: readonly Promise<Endpoint>[]): Promise<Endpoint> {
  const named: Endpoint[] = [];
  const votes = ({ host, port }: Endpoint) =>
    named.filter((other) => other.host === host && other.port === port).length;
  await new Promise<void>((resolve) => {
    const take = (endpoint: Endpoint) => {
      named.push(endpoint);
      if (votes(endpoint) > answers.length / 2) resolve();
    };
    for (const answer of answers) answer.then(take, () => {});
    void Promise.allSettled(answers).then(() => resolve());
  });
  const [most] = named.toSorted((one, other) => votes(other) - votes(one));
  // Without any it rejects with what each of them failed by.
  return most ?? Promise.any(answers);
}

async function masterBy(sentinel: Endpoint, name: string, access: Access): Promise<Endpoint> {
  const open = { ...access, database: 0, username: undefined, password: undefined };
  try {
    return await ask(sentinel, name, open);
  } catch (error) {
    // Sentinels have a password of their own or none; that of the server is the only one that we are told.
    if (replyCode(error) !== 'NOAUTH' || access.password === undefined) throw error;
    return ask(sentinel, name, { ...access, database: 0 });
  }
}

async function ask(sentinel: Endpoint, name: string, access: Access): Promise<Endpoint> {
  const connection = await RedisConnection.open(sentinel, access, patienceMs);
  try {
    // Ends with the connection, which silence of that patience ends.
    return endpointOf(await connection.send(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]), name);
  } finally {
    connection.close(undefined);
  }
}

function endpointOf(reply: Reply, name: string): Endpoint {
  if (!Array.isArray(reply)) throw new Error(`the Sentinel knows no master ${name}`);
  return { host: String(reply[0]), port: Number(reply[1]) };
}

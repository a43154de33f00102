/** A real server that tests start, freeze, kill and start again. */
import { execFileSync } from 'node:child_process';

export interface TestServer extends AsyncDisposable {
  /** For the settings: with the path (Redis) or the database (MongoDB). */
  readonly url: string;
  readonly port: number;
  /** The process gets no time any more when this returns: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Ends it without a word, as a crash does. Its data and its port are kept. */
  kill(): Promise<void>;
  /** Starts it again on its port with its data; kills it first when it runs. Resolves when it answers. */
  restart(): Promise<void>;
}

/** A server that `variable` names and others may use: it can be talked to, and nothing else. */
export function notOurs(variable: string, url: string, port: number, leave: () => Promise<void>): TestServer {
  const refuse = () => {
    throw new Error(`tests do not stop the server of ${variable}: { own: true } asks for another`);
  };
  return {
    url,
    port,
    freeze: refuse,
    thaw: refuse,
    kill: async () => refuse(),
    restart: async () => refuse(),
    [Symbol.asyncDispose]: leave,
  };
}

/** Why suites that need a server are skipped; undefined where they run, and where CI wants them to fail instead. */
export function reasonToSkip(name: string, missing: string | undefined): string | undefined {
  const { CI, CONFORMANCE_REQUIRED = '' } = process.env;
  const required = Boolean(CI) || CONFORMANCE_REQUIRED.split(',').some((part) => part.trim() === name);
  return required ? undefined : missing;
}

/** Whether the command is on the path. */
export function onPath(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** All of them, or none: when one does not start, those that did are ended. */
export async function startAll(starts: readonly Promise<TestServer>[]): Promise<TestServer[]> {
  const outcomes = await Promise.allSettled(starts);
  const servers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failed) return servers;
  await endAll(servers);
  throw failed.reason;
}

export async function endAll(servers: readonly TestServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
}

/** Whether what the services are to listen on is free. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { ListenAddress } from '@connections/runtime';
import { listenError } from '@connections/runtime/host';
import { type Check, fail, ok } from './check.ts';

export interface CheckedPort extends ListenAddress {
  /** As in `database port`. */
  readonly check: string;
  /** The service that is to listen there answers there. */
  readonly isOurs: boolean;
}

/** One check for each. A port that is held by something else, or wanted twice, is one that `up` cannot have. */
export async function checkPorts(ports: readonly CheckedPort[]): Promise<Check[]> {
  const taken = new Map<number, CheckedPort>();
  const checks: Check[] = [];
  for (const wanted of ports) {
    const rival = taken.get(wanted.port);
    if (wanted.port !== 0) taken.set(wanted.port, wanted);
    checks.push(rival ? wantedTwice(wanted, rival) : await checkPort(wanted));
  }
  return checks;
}

async function checkPort(wanted: CheckedPort): Promise<Check> {
  const { check, host, port, isOurs } = wanted;
  if (port === 0) return ok(check, 'a free one of the system, at every start another');
  if (isOurs) return ok(check, `${port} on ${host} is held by the running service`);
  try {
    await tryToListen(host, port);
    return ok(check, `${port} on ${host} is free`);
  } catch (error) {
    const told = listenError(error, wanted);
    return fail(check, told instanceof Error ? told.message : String(told));
  }
}

/** Takes the port for a moment: only so does the system tell whether it may be had. */
async function tryToListen(host: string, port: number): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ host, port });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

function wantedTwice({ check, port, portVariable }: CheckedPort, rival: CheckedPort): Check {
  return fail(check, `${port} is the ${rival.check} too: set ${portVariable} to another port`);
}

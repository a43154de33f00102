/** The servers that `call` may mean, and what each of them says that it serves. */
import { clientTls } from '../client-tls.ts';
import type { CommonOptions } from '../common-options.ts';
import {
  type CallTarget,
  callOptions,
  databaseTarget,
  messagingTarget,
  UnreachableError,
  withChannel,
} from '../service-target.ts';
import type { Terminal } from '../terminal.ts';
import { type ReflectedServer, reflectServer } from './reflect-server.ts';

export interface ReflectedTarget extends ReflectedServer {
  readonly target: CallTarget;
}

export interface ReflectedTargets {
  /** One at least. */
  readonly reflected: readonly ReflectedTarget[];
  readonly unreachable: readonly UnreachableError[];
}

export type TargetOptions = Pick<CommonOptions, 'database' | 'messaging' | 'timeout'> & {
  /** The only server to ask. */
  readonly address?: string;
};

/** Asks both services at once; throws when none can be reached. */
export async function reflectTargets(options: TargetOptions, terminal: Terminal): Promise<ReflectedTargets> {
  const { address } = options;
  const targets: readonly CallTarget[] =
    address === undefined
      ? [databaseTarget(options, terminal), messagingTarget(options, terminal)]
      : [{ name: undefined, address, tls: clientTls(terminal.env) }];
  const reflected: ReflectedTarget[] = [];
  const unreachable: UnreachableError[] = [];
  const asked = targets.map((target) =>
    withChannel(target, (channel) => reflectServer(channel, callOptions(options, terminal))),
  );
  for (const [index, outcome] of (await Promise.allSettled(asked)).entries()) {
    const target = targets[index];
    if (outcome.status === 'fulfilled' && target) reflected.push({ ...outcome.value, target });
    else if (outcome.status === 'rejected') {
      if (!(outcome.reason instanceof UnreachableError)) throw outcome.reason;
      unreachable.push(outcome.reason);
    }
  }
  if (reflected.length === 0) throw unreachable[0];
  return { reflected, unreachable };
}

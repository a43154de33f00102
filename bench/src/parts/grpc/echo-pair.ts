/** Pairs of a caller and an echo server, each in a process of its own, on the transports that are compared. */
import { startChild } from '../../child/child.ts';
import { cpuMsOf } from '../../child/process-usage.ts';
import type { Case, Figures } from '../../measure/measurement.ts';
import type { Unit } from '../../measure/units.ts';
import type { EchoRpcs } from '../../served/bare-echo-process.ts';
import type { LoopResult } from '../../served/closed-loop.ts';
import type { EchoCallerOrder, EchoCallerResult } from '../../served/grpc/echo-caller-process.ts';
import type { EchoServerOrder } from '../../served/grpc/echo-server-process.ts';
import { echoService } from '../../served/grpc/echo-service.ts';

const served = (file: string) => new URL(`../../served/${file}`, import.meta.url).href;
/** What the slowest run takes beyond its time. */
const slackMs = 30_000;
/** Of a small message. */
export const smallBytes = 100;

export interface EchoServer extends AsyncDisposable {
  readonly pid: number;
  readonly address: string;
}

export async function startEchoServer(order: EchoServerOrder): Promise<EchoServer> {
  const child = startChild<EchoServerOrder, string>(served('grpc/echo-server-process.js'), 'server');
  return serverOf(child, await child.ask(order));
}

/** grpc-js alone: unary calls of small messages. */
export async function startBareEcho(): Promise<EchoServer> {
  const child = startChild<EchoRpcs, string>(served('bare-echo-process.js'), 'server');
  return serverOf(child, await child.ask(new Map([[echoService.methods.echo.path, smallBytes]])));
}

function serverOf(child: AsyncDisposable & { readonly pid: number }, address: string): EchoServer {
  return { pid: child.pid, address, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

export type EchoPairOrder = Omit<EchoCallerOrder, 'address' | 'on' | 'ca'>;

export interface EchoPair extends AsyncDisposable {
  pairCase(unit: Unit, order: EchoPairOrder, names: Pick<Case, 'name' | 'against' | 'goals'>): Case;
}

/** @param ca of a server with TLS */
export function callersOf(server: EchoServer, on: EchoCallerOrder['on'], ca?: string): EchoPair {
  const child = startChild<EchoCallerOrder, EchoCallerResult>(
    served('grpc/echo-caller-process.js'),
    'generator',
  );
  const { address } = server;
  const run = (order: EchoPairOrder) =>
    child.ask({ ...order, address, on, ...(ca !== undefined && { ca }) }, order.runMs + slackMs);
  return {
    pairCase: (unit, order, names) => ({ ...names, run: () => pairFigures(server, unit, () => run(order)) }),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** The processor time is that of both ends. */
export async function pairFigures(
  server: { readonly pid: number },
  unit: Unit,
  run: () => Promise<LoopResult & { readonly callMs?: number }>,
): Promise<Figures> {
  const before = cpuMsOf(server.pid);
  const { calls, elapsedMs, cpuMs, callMs } = await run();
  const after = cpuMsOf(server.pid);
  return {
    [unit]: calls / (elapsedMs / 1_000),
    ...(before !== undefined &&
      after !== undefined && { 'µs of CPU/call': ((after - before + cpuMs) * 1_000) / calls }),
    ...(callMs !== undefined && { ms: callMs }),
  };
}

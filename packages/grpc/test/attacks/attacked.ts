/** Runs an attack on a process while a neighbour calls it, and tells what it cost. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createGrpcJsChannel } from '../../src/grpc-js/index.ts';
import { createClient } from '../../src/index.ts';
import { note, noteService } from '../note-service.ts';
import type { Attack } from './attack.ts';

interface Cost {
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  readonly cpuUs: number;
}

export interface AttackReport {
  readonly ended: string;
  /** Above what the server had at rest. */
  readonly peakGrowthBytes: number;
  /** Of the server's processor time, for each second of the attack. */
  readonly cpuShare: number;
  /** Of a neighbour's calls, one after the other. */
  readonly p99BeforeMs: number;
  readonly p99DuringMs: number;
  readonly neighbourFailures: number;
}

/** Enough calls for a p99, and for V8 to have compiled what serves them. */
const restCalls = 1_000;

export async function attacked(attack: Attack): Promise<AttackReport> {
  const server = fork(fileURLToPath(new URL('attacked-server.js', import.meta.url)), { stdio: 'inherit' });
  try {
    const { port } = (await answerOf(server)) as { readonly port: number };
    const channel = createGrpcJsChannel(`127.0.0.1:${port}`);
    const client = createClient(noteService, channel);
    const call = () => client.get(note('neighbour'));
    const before = await callWhile(call, (calls) => calls < restCalls);
    const rest = await costOf(server);

    const attacker = fork(fileURLToPath(new URL('attacker.js', import.meta.url)), [attack.name, `${port}`], {
      stdio: 'inherit',
    });
    if ('against' in attack) {
      const { port: call } = (await answerOf(attacker)) as { readonly port: number };
      server.send({ call });
    }
    let ended: string | undefined;
    const end = answerOf(attacker).then((answer) => {
      ended = (answer as { readonly ended: string }).ended;
    });
    const start = performance.now();
    const during = await callWhile(call, () => ended === undefined);
    await end;
    const seconds = (performance.now() - start) / 1_000;
    const after = await costOf(server);
    channel.close();
    return {
      ended: ended ?? 'none',
      peakGrowthBytes: after.peakRssBytes - rest.rssBytes,
      cpuShare: (after.cpuUs - rest.cpuUs) / 1e6 / seconds,
      p99BeforeMs: percentile(before.times, 0.99),
      p99DuringMs: percentile(during.times, 0.99),
      neighbourFailures: during.failures,
    };
  } finally {
    server.kill('SIGKILL');
  }
}

async function callWhile(call: () => Promise<unknown>, goOn: (calls: number) => boolean) {
  const times: number[] = [];
  let failures = 0;
  while (goOn(times.length)) {
    const start = performance.now();
    await call().catch(() => {
      failures++;
    });
    times.push(performance.now() - start);
  }
  return { times, failures };
}

async function costOf(server: ChildProcess): Promise<Cost> {
  const answer = answerOf(server);
  server.send('cost');
  return (await answer) as Cost;
}

/** The next message of a process; rejects when it ends without one. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process ended with ${code}`);
  });
  ended.catch(() => {});
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
  return message;
}

function percentile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** What a server says of itself when it is greeted. */
import type { Clock } from '@connections/runtime';
import type { Argument, Reply } from './redis-connection.ts';
import { replyCode } from './redis-errors.ts';

/** One look at another's clock: what it said, and when we heard that by the clock that is never set. */
export interface ClockSample {
  readonly serverMs: number;
  readonly heardAt: number;
}

export interface ServerFacts {
  readonly clock: ClockSample;
  /** How far its clock is ahead of ours; 0 where that is less than what a call may take. */
  readonly clockOffsetMs: number;
  /** It appends every write to a file before it answers. */
  readonly appends: boolean;
  /** The policy by which it drops entries before their expiry when its memory is full, where it has one. */
  readonly evictionPolicy: string | undefined;
  /** It has said that what has no expiry stays, however full its memory gets. */
  readonly keepsLasting: boolean;
}

/** A difference below this is not told from the way there and back. */
export const clockToleranceMs = 250;

/**
 * Rejects when the server is not one to work with: it loads, it is a replica, it is too old, it belongs to a Cluster and
 * was not addressed as one. ROLE and INFO may be forbidden to our user, and then prove nothing.
 */
export async function askFacts(
  send: (args: readonly Argument[]) => Promise<Reply>,
  expected: Pick<ServerFacts, 'clockOffsetMs'> & { readonly cluster: boolean },
  clock: Clock,
): Promise<ServerFacts> {
  const before = clock.now();
  const [, time, role, info] = await Promise.all([
    // Rejects while the server loads its data or wants a password.
    send(['PING']),
    send(['TIME']),
    send(['ROLE']).catch(nullIfRefused),
    send(['INFO']).catch(nullIfRefused),
  ]);
  const after = clock.now();
  const heardAt = performance.now();
  if (Array.isArray(role) && String(role[0]) !== 'master') throw new Error(`it is a ${String(role[0])}`);
  const fields = fieldsOf(String(info ?? ''));
  const version = fields.get('redis_version');
  if (version !== undefined && isTooOld(version)) throw new Error(`Redis ${version} is older than 6.2`);
  if (fields.get('redis_mode') === 'cluster' && !expected.cluster) {
    throw new Error('it is a node of a Cluster: use redis+cluster');
  }
  const bounded = (fields.get('maxmemory') ?? '0') !== '0';
  const policy = fields.get('maxmemory_policy') ?? 'noeviction';
  const serverMs = millisecondsOf(time);
  return {
    clock: { serverMs, heardAt },
    clockOffsetMs: offsetOf(serverMs, before, after, expected.clockOffsetMs),
    appends: fields.get('aof_enabled') === '1',
    evictionPolicy: bounded && policy !== 'noeviction' ? policy : undefined,
    keepsLasting: /^(noeviction$|volatile-)/.test(fields.get('maxmemory_policy') ?? ''),
  };
}

function fieldsOf(info: string): Map<string, string> {
  return new Map(
    info.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 6 || (major === 6 && minor < 2);
}

function millisecondsOf(time: Reply): number {
  const [seconds, microseconds] = Array.isArray(time) ? time.map(Number) : [];
  return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
}

function nullIfRefused(error: unknown): null {
  if (replyCode(error) === undefined) throw error;
  return null;
}

/** The server read its clock at some time between the two of ours: what that may explain is no change to what is known. */
function offsetOf(theirs: number, before: number, after: number, known: number): number {
  const offset = Math.round(theirs - (before + after) / 2);
  const doubt = clockToleranceMs + (after - before) / 2;
  return [known, 0].find((taken) => Math.abs(offset - taken) < doubt) ?? offset;
}

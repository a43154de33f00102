/** What an attacker does to a server or to a channel, and what has to come of it. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type ErrorCodeName, errorCodeName } from '../../src/http2/error-code.ts';
import { type RawPeer, rawTypes } from '../raw-http2-peer.ts';

interface AnyAttack {
  /** With the advisory that made it known, where there is one. */
  readonly name: string;
  /** How the attacker's connections end; `none` where the protocol allows what it does, which has to cost little. */
  readonly ends: ErrorCodeName | 'none';
}

export interface ServerAttack extends AnyAttack {
  /** Resolves with how its connections to the server ended. */
  run(port: number): Promise<ErrorCodeName | 'none'>;
}

export interface ClientAttack extends AnyAttack {
  /** The channel has made a call on stream 1. Resolves with how its connection ended. */
  against(peer: RawPeer): Promise<ErrorCodeName | 'none'>;
}

export type Attack = ServerAttack | ClientAttack;

/** An attacker gives up after so much: nothing has stopped it. */
const maxFloodBytes = 64 * 1_048_576;
const maxFloodMs = 10_000;
/** How long an attacker whose connection nobody ends goes on. */
export const attackMs = 1_000;

/** Sends what `next` makes, as fast as the server reads, until the connection is closed. */
export async function flood(
  peer: RawPeer,
  next: (round: number) => Buffer,
  maxBytes = maxFloodBytes,
): Promise<ErrorCodeName | 'none'> {
  const { socket } = peer;
  const end = performance.now() + maxFloodMs;
  let sent = 0;
  for (let round = 0; sent < maxBytes && !over(peer) && performance.now() < end; round++) {
    const bytes = next(round);
    sent += bytes.length;
    const drained = socket.write(bytes);
    if (!drained) await writable(socket);
    // What came is read, a GOAWAY included.
    else if (round % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return ending(peer);
}

/** The code that the server has given, once the connection is closed; `none` when it stays open. */
export async function ending(peer: RawPeer, waitMs = attackMs): Promise<ErrorCodeName | 'none'> {
  const end = performance.now() + waitMs;
  while (!over(peer) && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  const last = peer.framesOf('GOAWAY').at(-1);
  return last ? errorCodeName(last.payload.readUInt32BE(4)) : 'none';
}

/** 1 GiB in 1 MiB, made of members so that making it costs little. */
export function compressionBomb(): Buffer {
  const member = gzipSync(Buffer.alloc(16_777_216), { level: 9 });
  return Buffer.concat(Array.from({ length: 64 }, () => member));
}

/** As many connections as asked for, each doing the same, opened a hundred at a time. */
export async function connections(
  count: number,
  open: () => Promise<RawPeer>,
): Promise<readonly RawPeer[] & AsyncDisposable> {
  const peers: RawPeer[] = [];
  while (peers.length < count) {
    const batch = Math.min(100, count - peers.length);
    peers.push(...(await Promise.all(Array.from({ length: batch }, open))));
  }
  const dispose = async () => {
    for (const peer of peers) peer[Symbol.dispose]();
  };
  return Object.assign(peers, { [Symbol.asyncDispose]: dispose });
}

async function writable(socket: Socket): Promise<void> {
  const over = new AbortController();
  const options = { signal: over.signal };
  await Promise.race([once(socket, 'drain', options), once(socket, 'close', options)]).catch(() => {});
  over.abort();
}

/** A GOAWAY is as good as the end: what follows it is the attacker's own business. */
function over(peer: RawPeer): boolean {
  return peer.closed || peer.received.at(-1)?.type === rawTypes.GOAWAY;
}

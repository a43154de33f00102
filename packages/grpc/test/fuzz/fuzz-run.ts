/** One run of the fuzzer: a session, in chunks, into one end, and what was wrong with how it took it. */

import { generatedFrames, type Sender } from './frame-grammar.ts';
import type { Chance } from './fuzz-chance.ts';
import { FuzzedChannel } from './fuzzed-channel.ts';
import type { FuzzedEnd } from './fuzzed-end.ts';
import { FuzzedServer } from './fuzzed-server.ts';
import type { RecordedSession } from './recorded-sessions.ts';
import { mutated } from './session-mutations.ts';

/** Turns of the event loop in which everything comes to its end once the socket is gone. */
const maxSettlingTurns = 50;
/** Keepalive and all that waits for a peer is over by then. */
const silenceMs = 60_000;
/** Longer than any deadline. */
const foreverMs = 1e15;

/** Returns what did not hold. Deadlines of the calls go by the clock of the run, so `Date.now` does meanwhile. */
export async function fuzzRun(chance: Chance, recorded: readonly RecordedSession[]): Promise<string[]> {
  const end: FuzzedEnd = chance.is(0.6) ? new FuzzedServer(chance) : new FuzzedChannel(chance);
  const { now } = Date;
  Date.now = () => end.callClock.now();
  try {
    const sender = end.role === 'server' ? 'client' : 'server';
    await play(end, Buffer.concat(framesFor(sender, chance, recorded)), chance);
    await conclude(end, chance);
  } finally {
    Date.now = now;
  }
  return [...end.tally.violations];
}

function framesFor(sender: Sender, chance: Chance, recorded: readonly RecordedSession[]): Buffer[] {
  const sessions = recorded.filter((session) => session.sender === sender);
  if (sessions.length === 0 || chance.is(0.5)) return generatedFrames(chance, sender);
  return mutated(chance.of(sessions).frames, chance, sender);
}

async function play(end: FuzzedEnd, bytes: Buffer, chance: Chance): Promise<void> {
  const largest = chance.of([10, 100, 1_000, 65_536]);
  for (let at = 0; at < bytes.length && !end.wire.destroyed; ) {
    // Small chunks are for the beginning: no more than a few hundred of them.
    const size = 1 + chance.below(Math.max(largest, Math.ceil(bytes.length / 100)));
    end.wire.receive(bytes.subarray(at, at + size));
    at += size;
    end.check();
    if (chance.is(0.3)) await turn();
    if (chance.is(0.1)) meddle(end, chance);
    end.check();
  }
}

/** What happens beside what the peer sends. */
function meddle(end: FuzzedEnd, chance: Chance): void {
  switch (chance.below(4)) {
    case 0:
      advance(end, chance.of([1, 10, 1_000, 4_000]));
      break;
    case 1:
      end.wire.hold();
      break;
    case 2:
      end.wire.letGo();
      break;
    default:
      end.act(chance);
  }
}

async function conclude(end: FuzzedEnd, chance: Chance): Promise<void> {
  const { wire, tally, callClock } = end;
  await turn();
  switch (chance.below(4)) {
    case 0:
      wire.destroy();
      break;
    case 1:
      wire.destroy(new Error('read ECONNRESET'));
      break;
    case 2:
      wire.peerEnds();
      break;
    default:
    // Silence. It is for keepalive to end what the peer does not, and for who uses a channel to give it up.
  }
  await turn();
  await turn();
  if (wire.closed) noTimerLeft(end);
  advance(end, silenceMs);
  await turn();
  end.finish();
  for (let turns = 0; turns < maxSettlingTurns && !(wire.closed && tally.quiet); turns++) {
    await turn();
    advance(end, silenceMs);
  }
  if (!wire.closed) tally.violated('the socket of a silent peer is still open');
  else noTimerLeft(end);
  tally.nothingLeft();
  end.checkEnd();
  callClock.advance(foreverMs);
  if (callClock.waiting > 0) tally.violated('left behind: timer of the calls');
}

/** The connection's own stop with its socket. */
function noTimerLeft({ tally, connectionClock }: FuzzedEnd): void {
  if (connectionClock.waiting > 0) tally.violated('left behind: timer of the connection');
}

function advance(end: FuzzedEnd, ms: number): void {
  end.connectionClock.advance(ms);
  end.callClock.advance(ms);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

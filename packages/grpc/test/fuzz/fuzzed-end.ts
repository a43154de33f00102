/** One end of a connection under the fuzzer, with the layers of gRPC on it. */
import type { StillClock } from '../still-clock.ts';
import type { Chance } from './fuzz-chance.ts';
import type { Tally } from './fuzz-tally.ts';
import type { MemoryWire } from './memory-wire.ts';

export interface FuzzedEnd {
  readonly role: 'client' | 'server';
  readonly wire: MemoryWire;
  readonly tally: Tally;
  /** Of the connection, which has to stop its timers with its socket. */
  readonly connectionClock: StillClock;
  /** Of the calls, whose timers find nothing to do any more. */
  readonly callClock: StillClock;
  /** Something that whoever uses this end may do at any time. */
  act(chance: Chance): void;
  /** What has to hold after each step. */
  check(): void;
  /** Nobody uses it any more. */
  finish(): void;
  /** What has to hold at the end, when the socket is gone. */
  checkEnd(): void;
}

/** Largest message either way: small enough to be inflated at once, not by a thread in its own time. */
export const maxMessageBytes = 65_536;
/** What may wait in a socket that nobody reads. */
export const maxWaitingBytes = 2_097_152;

/** What real clients and servers have sent: recorded-sessions.json, written by record-sessions.ts. */
import { readFileSync } from 'node:fs';
import type { Sender } from './frame-grammar.ts';
import { framesIn } from './session-mutations.ts';

export interface RecordedSession {
  /** Who sent it to whom. */
  readonly name: string;
  readonly sender: Sender;
  readonly frames: readonly Buffer[];
}

/** From `dist` to the source, which the compiler does not copy. */
export const recordingsUrl = new URL('../../../test/fuzz/recorded-sessions.json', import.meta.url);

interface Recording {
  readonly name: string;
  readonly sender: Sender;
  readonly base64: string;
}

export function recordedSessions(): RecordedSession[] {
  const recordings = JSON.parse(readFileSync(recordingsUrl, 'utf8')) as readonly Recording[];
  return recordings.map(({ name, sender, base64 }) => ({
    name,
    sender,
    frames: framesIn(Buffer.from(base64, 'base64')),
  }));
}

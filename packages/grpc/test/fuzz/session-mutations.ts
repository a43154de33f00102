/** Sessions that were recorded, with something in them changed. */
import { rawPreface } from '../raw-http2-peer.ts';
import { FrameGrammar, type Sender } from './frame-grammar.ts';
import type { Chance } from './fuzz-chance.ts';

/** The frames of a session; its preface is one of them, and a rest that is no whole frame. */
export function framesIn(session: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  if (session.subarray(0, rawPreface.length).equals(rawPreface)) {
    frames.push(rawPreface);
    at = rawPreface.length;
  }
  while (at < session.length) {
    const end = at + 9 <= session.length ? at + 9 + session.readUIntBE(at, 3) : session.length;
    frames.push(session.subarray(at, end));
    at = end;
  }
  return frames;
}

/** From none to a few changes to the frames, which are left as they are. */
export function mutated(session: readonly Buffer[], chance: Chance, sender: Sender): Buffer[] {
  const frames = [...session];
  const grammar = new FrameGrammar(chance, sender);
  for (let changes = chance.below(6); changes > 0; changes--) {
    const at = chance.below(frames.length);
    const frame = frames[at];
    if (!frame) continue;
    switch (chance.below(7)) {
      case 0:
        frames.splice(at, 1);
        break;
      case 1:
        frames.splice(chance.below(frames.length + 1), 0, frame);
        break;
      case 2:
        frames.splice(at, 1);
        frames.splice(chance.below(frames.length + 1), 0, frame);
        break;
      case 3:
        frames.splice(at, 0, ...grammar.next());
        break;
      case 4:
        frames[at] = frame.subarray(0, chance.below(frame.length + 1));
        break;
      case 5:
        frames.splice(at);
        break;
      default:
        frames[at] = withAnotherByte(frame, chance);
    }
  }
  return frames;
}

/** In its head as often as behind it. */
function withAnotherByte(frame: Buffer, chance: Chance): Buffer {
  const copy = Buffer.from(frame);
  if (copy.length === 0) return copy;
  const at = chance.is(0.5) ? chance.below(Math.min(9, copy.length)) : chance.below(copy.length);
  copy[at] = chance.is(0.5) ? chance.below(256) : (copy[at] ?? 0) ^ (1 << chance.below(8));
  return copy;
}

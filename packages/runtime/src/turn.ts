/** Turns for work that walks through much: between its steps the event loop serves other calls. */
import type { Ending } from '@connections/grpc';

/** A turn ends with the first step that is over after this time. */
const turnMs = 10;

const waiting: (() => void)[] = [];
let turnEndsAt = 0;

/**
 * To be awaited between two steps, each of few milliseconds. Of all that wait one goes on for each round of the loop, so
 * that a hundred long calls hold it no longer than one. Rejects with the signal's reason when that aborted meanwhile.
 */
export async function nextTurn(signal: Ending): Promise<void> {
  if (performance.now() < turnEndsAt) return;
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(letOneOn);
  });
  signal.throwIfAborted();
}

function letOneOn(): void {
  turnEndsAt = performance.now() + turnMs;
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(letOneOn);
}

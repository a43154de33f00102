/** The ids of the newest requests, so that a repeated one has no second effect. */
import { limits } from '@connections/runtime';

/** The ring with one more id; the oldest goes when it is full. */
export function withRequest<Entry>(ring: readonly Entry[], entry: Entry): readonly Entry[] {
  return [...ring, entry].slice(-limits.requestRing);
}

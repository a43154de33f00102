/** Places in the feed of the ledger: which of several is the oldest, and how new a read has to be that is as new as one. */
import type { Timestamp } from 'mongodb';
import type { Checkpoint } from '../../port/task-ledger.ts';
import { placeOf } from './feed-token.ts';
import { placeAt, streamPlace, streamToken } from './stream-place.ts';

/** What is read at this time or later is as new as the checkpoint. Undefined for one that tells no time. */
export function timeOf(checkpoint: Checkpoint): Timestamp | undefined {
  return streamPlace(checkpoint)?.seen;
}

/** From where on none of them misses anything; undefined where nothing tells. */
export function oldestOf(checkpoints: readonly Checkpoint[]): Checkpoint | undefined {
  return oldestStreamed(checkpoints) ?? oldestPolled(checkpoints);
}

/**
 * Servers differ in what a place is made of; the last change told by then orders places all the same: of two, the one with
 * the older change has none between it and the other. Of those with the same change a transaction may lie on both sides.
 */
function oldestStreamed(checkpoints: readonly Checkpoint[]): Checkpoint | undefined {
  const places = checkpoints.flatMap((checkpoint) => {
    const place = streamPlace(checkpoint);
    return place ? [{ ...place, checkpoint, key: JSON.stringify(place.from) }] : [];
  });
  const [first, ...rest] = places;
  if (!first || places.length < checkpoints.length) return undefined;
  const oldest = rest.reduce((one, other) => (other.last.lessThan(one.last) ? other : one), first);
  const isAlone = places.every(({ last, key }) => key === oldest.key || !last.equals(oldest.last));
  return isAlone ? oldest.checkpoint : streamToken(placeAt(oldest.last));
}

function oldestPolled(checkpoints: readonly Checkpoint[]): Checkpoint | undefined {
  const places = checkpoints.flatMap((checkpoint) => {
    const settled: unknown = placeOf('poll', checkpoint)?.settled;
    return typeof settled === 'number' ? [{ settled, checkpoint }] : [];
  });
  const [oldest] = places.toSorted((one, other) => one.settled - other.settled);
  return places.length === checkpoints.length ? oldest?.checkpoint : undefined;
}

/** What a publisher knows of its messages when publishing has failed. */
import { isStatusError } from '@connections/grpc';
import { PublishError } from '@connections/messaging-utils';
import type { Told } from '../check/message-history.ts';

/** With these the service says that it has sent nothing. */
const nothingSent = new Set(['STORE_UNREACHABLE', 'BROKER_BLOCKED', 'SHUTTING_DOWN']);

/** By the id of a message. */
export function toldOf(error: unknown, way: 'service' | 'direct'): (id: string) => Told {
  if (error instanceof PublishError) {
    const outcomes = new Map(error.unconfirmed.map(({ id, outcome }) => [id, outcome]));
    return (id) => {
      const outcome = outcomes.get(id);
      if (outcome === undefined) return 'confirmed';
      return outcome === 'UNKNOWN' ? 'unknown' : 'refused';
    };
  }
  if (!isStatusError(error)) throw error;
  // Any status of the direct publisher says that nothing was sent.
  const refused = way === 'direct' || error.unsent || nothingSent.has(error.reason ?? '');
  return () => (refused ? 'refused' : 'unknown');
}

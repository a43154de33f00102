/** The token of the embedded task store: one store, in which a read is as new as every write before it. */
import { invalidField } from '@connections/runtime/errors';

export const taskToken = 'embedded:1';

/** Throws INVALID_ARGUMENT for a token that this store has not given. */
export function checkTaskToken(token: string): void {
  if (token !== taskToken) throw invalidField('token', 'is not a token of this service');
}

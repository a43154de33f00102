/** Every rpc of the service has a scope. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { messagingService, wireMessagingService } from '@connections/proto-utils';
import { rpcScopes } from '../src/transport/rpc-scopes.ts';

it('has a scope for every rpc, and for nothing else', () => {
  const paths = [messagingService, wireMessagingService].flatMap(({ methods }) =>
    Object.values(methods).map(({ path }) => path),
  );
  assert.deepEqual([...rpcScopes.keys()].toSorted(), paths.toSorted());
});

/** Tests that every rpc of the Database service needs a scope. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { cacheService, schemaService, taskService, wireDatabaseService } from '@connections/proto-utils';
import { rpcScopes } from '../src/transport/rpc-scopes.ts';

it('every rpc has a row and every row an rpc', () => {
  const services = [cacheService, schemaService, taskService, wireDatabaseService];
  const paths = services.flatMap(({ methods }) => Object.values(methods).map(({ path }) => path));
  assert.equal(paths.length, 45);
  assert.deepEqual([...rpcScopes.keys()].sort(), paths.sort());
});

it('what changes nothing is never in need of a write scope, and the other way round', () => {
  for (const [path, scope] of rpcScopes) {
    const method = path.slice(path.lastIndexOf('/') + 1);
    const reads = /Get|List|Find|Count|Ping/.test(method);
    assert.equal(scope.endsWith(reads ? '.read' : '.write'), true, path);
  }
});

/** The schema port on MongoDB keeps its contract, in the first implementation's collection and in that of other namespaces. */
import { describe } from 'node:test';
import { mongoMissing, runClauses } from '@connections/testing';
import { schemasClauses } from '../conformance/schemas-clauses.ts';
import { schemasInDefault } from './default-namespace.ts';
import { mongoServer } from './mongo-ports.ts';
import { openMongoSchemas } from './mongo-schema-ports.ts';

describe('schemas: MongoDB', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();
  runClauses('in a namespace', schemasClauses, openMongoSchemas(server));
  runClauses('in the default namespace', schemasClauses, openMongoSchemas(server, schemasInDefault));
});

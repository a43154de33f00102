/** The embedded drivers keep the contract of their ports. */
import { runClauses } from '@connections/testing';
import { cacheClauses } from '../conformance/cache-clauses.ts';
import { schemasClauses } from '../conformance/schemas-clauses.ts';
import { tasksClauses } from '../conformance/tasks-clauses.ts';
import { openEmbedded } from './embedded-ports.ts';

runClauses('cache: embedded', cacheClauses, openEmbedded('cache'));
runClauses('schemas: embedded', schemasClauses, openEmbedded('schemas'));
runClauses('tasks: embedded', tasksClauses, openEmbedded('tasks'));

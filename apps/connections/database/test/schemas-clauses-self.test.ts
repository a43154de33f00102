/** Every clause of the schemas port catches a driver that breaks it. */
import { runSaboteurs } from '@connections/testing';
import { schemasClauses } from '../conformance/schemas-clauses.ts';
import { schemasSaboteurs } from '../conformance/schemas-saboteurs.ts';
import { openEmbedded } from './embedded-ports.ts';

runSaboteurs('schemas: saboteurs', schemasClauses, schemasSaboteurs, openEmbedded('schemas'));

/** Every clause of the cache port catches a driver that breaks it. */
import { runSaboteurs } from '@connections/testing';
import { cacheClauses } from '../conformance/cache-clauses.ts';
import { cacheSaboteurs } from '../conformance/cache-saboteurs.ts';
import { openEmbedded } from './embedded-ports.ts';

runSaboteurs('cache: saboteurs', cacheClauses, cacheSaboteurs, openEmbedded('cache'));

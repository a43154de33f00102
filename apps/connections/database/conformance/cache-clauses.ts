/** The contract of the cache port. Text: docs/contract/cache.md. */
import type { CacheClause } from './cache-acts.ts';
import { cacheExpiryClauses } from './cache-expiry-clauses.ts';
import { cacheIdentityClauses } from './cache-identity-clauses.ts';
import { cacheListClauses } from './cache-list-clauses.ts';
import { cachePortClauses } from './cache-port-clauses.ts';
import { cacheRemovalClauses } from './cache-removal-clauses.ts';
import { cacheSafetyClauses } from './cache-safety-clauses.ts';

/** What callers of v1 can see: a driver keeps it, and so does the way through the wire. */
export const cacheV1Clauses: readonly CacheClause[] = [
  ...cacheIdentityClauses,
  ...cacheExpiryClauses,
  ...cacheListClauses,
  ...cacheRemovalClauses,
  ...cacheSafetyClauses,
];

/** What a driver keeps. */
export const cacheClauses: readonly CacheClause[] = [...cacheV1Clauses, ...cachePortClauses];

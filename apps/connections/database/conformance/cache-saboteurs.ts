/** For each clause of the cache a driver that breaks it. */
import type { Saboteurs } from '@connections/testing';
import type { Cache } from '../src/port/cache.ts';
import { cacheCallSaboteurs } from './cache-call-saboteurs.ts';
import { cacheEntrySaboteurs } from './cache-entry-saboteurs.ts';

export const cacheSaboteurs: Saboteurs<Cache> = { ...cacheEntrySaboteurs, ...cacheCallSaboteurs };

/** For each clause of the schemas a driver that breaks it. */
import type { Saboteurs } from '@connections/testing';
import type { Schemas } from '../src/port/schemas.ts';
import { schemasReadSaboteurs } from './schemas-read-saboteurs.ts';
import { schemasWriteSaboteurs } from './schemas-write-saboteurs.ts';

export const schemasSaboteurs: Saboteurs<Schemas> = { ...schemasReadSaboteurs, ...schemasWriteSaboteurs };

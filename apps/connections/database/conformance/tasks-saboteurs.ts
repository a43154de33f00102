/** For each clause of the tasks a driver that breaks it. */
import type { Saboteurs } from '@connections/testing';
import type { Tasks } from '../src/port/tasks.ts';
import { tasksReadSaboteurs } from './tasks-read-saboteurs.ts';
import { tasksWriteSaboteurs } from './tasks-write-saboteurs.ts';

export const tasksSaboteurs: Saboteurs<Tasks> = { ...tasksReadSaboteurs, ...tasksWriteSaboteurs };

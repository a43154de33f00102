/** Every clause of the tasks port catches a driver that breaks it. */
import { runSaboteurs } from '@connections/testing';
import { tasksClauses } from '../conformance/tasks-clauses.ts';
import { tasksSaboteurs } from '../conformance/tasks-saboteurs.ts';
import { openEmbedded } from './embedded-ports.ts';

runSaboteurs('tasks: saboteurs', tasksClauses, tasksSaboteurs, openEmbedded('tasks'));

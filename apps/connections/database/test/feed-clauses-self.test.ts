/** Every clause of the task feed catches a driver that breaks it. */
import { runClauses, runSaboteurs } from '@connections/testing';
import { feedClauses } from '../conformance/feed-clauses.ts';
import { feedSaboteurs } from '../conformance/feed-saboteurs.ts';
import { openNotedTasks } from './noted-tasks.ts';

runClauses('feed: the driver that is broken', feedClauses, openNotedTasks);
runSaboteurs('feed: saboteurs', feedClauses, feedSaboteurs, openNotedTasks);

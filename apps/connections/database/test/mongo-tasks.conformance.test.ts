/** The task port on MongoDB keeps its contract, in the first implementation's collection and in that of other namespaces. */
import { describe } from 'node:test';
import { mongoMissing, runClauses } from '@connections/testing';
import { tasksClauses } from '../conformance/tasks-clauses.ts';
import { tasksInDefault } from './default-namespace.ts';
import { mongoServer, openMongoTasks } from './mongo-ports.ts';

describe('tasks: MongoDB', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();
  runClauses('in a namespace', tasksClauses, openMongoTasks(server));
  runClauses('in the default namespace', tasksClauses, openMongoTasks(server, tasksInDefault));
});

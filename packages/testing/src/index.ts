export { type Clause, type OpenedPort, type OpenPort, runClause, runClauses, type World } from './clauses.ts';
export { eventually } from './eventually.ts';
export { TestClock } from './test-clock.ts';

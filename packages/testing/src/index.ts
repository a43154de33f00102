export { type Clause, type OpenedPort, type OpenPort, runClause, runClauses, type World } from './clauses.ts';
export { eventually } from './eventually.ts';
export { type MetricFamily, parsePrometheusText, type Sample } from './prometheus-text.ts';
export { type PythonClient, runPythonClient } from './python-client.ts';
export { runSaboteurs, type Saboteur, type Saboteurs, sabotaged } from './saboteurs.ts';
export { TestClock } from './test-clock.ts';

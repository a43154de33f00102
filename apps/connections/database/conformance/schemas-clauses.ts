/** The contract of the schema port. Text: docs/contract/schemas.md. */
import type { SchemasClause } from './schemas-acts.ts';
import { schemasChangeClauses } from './schemas-change-clauses.ts';
import { schemasFindClauses } from './schemas-find-clauses.ts';
import { schemasPortClauses } from './schemas-port-clauses.ts';
import { schemasRegisterClauses } from './schemas-register-clauses.ts';
import { schemasSafetyClauses } from './schemas-safety-clauses.ts';

/** What callers of v1 can see: a driver keeps it, and so does the way through the wire. */
export const schemasV1Clauses: readonly SchemasClause[] = [
  ...schemasRegisterClauses,
  ...schemasFindClauses,
  ...schemasChangeClauses,
  ...schemasSafetyClauses,
];

/** What a driver keeps. */
export const schemasClauses: readonly SchemasClause[] = [...schemasV1Clauses, ...schemasPortClauses];

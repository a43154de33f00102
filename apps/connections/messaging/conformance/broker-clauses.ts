/** The contract of the broker port. Text: docs/contract/broker.md. */
import type { BrokerClause } from './broker-acts.ts';
import { brokerDeadLetterClauses } from './broker-dead-letter-clauses.ts';
import { brokerDeliveryClauses } from './broker-delivery-clauses.ts';
import { brokerPortClauses } from './broker-port-clauses.ts';
import { brokerPublishingClauses } from './broker-publishing-clauses.ts';
import { brokerRoutingClauses } from './broker-routing-clauses.ts';
import { brokerSettlementClauses } from './broker-settlement-clauses.ts';
import { brokerTopologyClauses } from './broker-topology-clauses.ts';

/** What callers of v1 can see: a driver keeps it, and so does the way through the wire. */
export const brokerV1Clauses: readonly BrokerClause[] = [
  ...brokerRoutingClauses,
  ...brokerPublishingClauses,
  ...brokerDeliveryClauses,
  ...brokerSettlementClauses,
  ...brokerDeadLetterClauses,
  ...brokerTopologyClauses,
];

/** What a driver keeps. */
export const brokerClauses: readonly BrokerClause[] = [...brokerV1Clauses, ...brokerPortClauses];

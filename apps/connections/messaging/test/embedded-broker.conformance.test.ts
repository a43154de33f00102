/** The embedded broker keeps the contract of its port. */
import { runClauses } from '@connections/testing';
import { brokerClauses } from '../conformance/broker-clauses.ts';
import { openTestBroker } from './embedded-broker-port.ts';

runClauses('broker: embedded', brokerClauses, () => openTestBroker());

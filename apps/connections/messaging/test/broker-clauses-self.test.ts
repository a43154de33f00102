/** Every clause of the broker catches a driver that breaks it. */
import { runSaboteurs } from '@connections/testing';
import { brokerClauses } from '../conformance/broker-clauses.ts';
import { brokerSaboteurs } from '../conformance/broker-saboteurs.ts';
import { openTestBroker } from './embedded-broker-port.ts';

runSaboteurs('broker: saboteurs', brokerClauses, brokerSaboteurs, () => openTestBroker());

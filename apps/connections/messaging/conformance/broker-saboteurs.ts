/** For each clause of the broker a driver that breaks it. */
import type { Saboteurs } from '@connections/testing';
import type { Broker } from '../src/port/broker.ts';
import { brokerDeliverySaboteurs } from './broker-delivery-saboteurs.ts';
import { brokerMessageSaboteurs } from './broker-message-saboteurs.ts';
import { brokerSettlementSaboteurs } from './broker-settlement-saboteurs.ts';
import { brokerTopologySaboteurs } from './broker-topology-saboteurs.ts';

export const brokerSaboteurs: Saboteurs<Broker> = {
  ...brokerMessageSaboteurs,
  ...brokerDeliverySaboteurs,
  ...brokerSettlementSaboteurs,
  ...brokerTopologySaboteurs,
};

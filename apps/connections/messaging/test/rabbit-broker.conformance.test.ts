/** The broker on RabbitMQ keeps the contract of its port. */
import { describe } from 'node:test';
import { rabbitMissing, runClauses } from '@connections/testing';
import { brokerClauses } from '../conformance/broker-clauses.ts';
import { openRabbitPort } from './rabbit-broker-port.ts';

describe('RabbitMQ', { skip: rabbitMissing() ?? false }, () => {
  runClauses('broker: RabbitMQ', brokerClauses, openRabbitPort);
});

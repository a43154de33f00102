/** The settings of the Messaging service. */
import {
  defineSettings,
  embeddedSettings,
  limits,
  type Settings,
  setting,
  sidePortSettings,
  valueSettings,
} from '@connections/runtime';
import { brokerSettings } from './broker-settings.ts';
import { exposureSettings } from './exposure-settings.ts';

export const messagingSettings = defineSettings({
  host: setting.text({
    env: 'MESSAGING_CONNECTION_HOST',
    default: '127.0.0.1',
    doc: 'The address the Messaging service listens on. Anybody who reaches it may use it.',
  }),
  port: setting.port({
    env: 'MESSAGING_CONNECTION_PORT',
    default: 50_055,
    doc: 'The port of the Messaging service.',
  }),
  ...sidePortSettings('MESSAGING', 50_056),
  ...brokerSettings,
  ...exposureSettings,
  leaseSeconds: setting.seconds({
    env: 'MESSAGING_LEASE_SECONDS',
    min: limits.leaseSecondsMin,
    max: limits.leaseSecondsMax,
    default: limits.leaseSecondsDefault,
    doc: 'How long a delivery may stay unsettled before it is delivered again, where its subscriber does not say.',
  }),
  wireSettle: setting.choice({
    env: 'MESSAGING_WIRE_SETTLE',
    choices: ['transport', 'task'],
    default: 'transport',
    doc: 'When a message of the one-way streams is settled: once the transport has taken it, or once its task has moved.',
  }),
  wirePrefetch: setting.integer({
    env: 'WORKER_PREFETCH_COUNT',
    min: 1,
    max: limits.creditMessages,
    default: 1,
    doc: 'Messages in flight at once on each one-way stream.',
  }),
  databaseHost: setting.text({
    env: 'DATABASE_CONNECTION_HOST',
    default: '127.0.0.1',
    doc: 'The address of the Database service.',
  }),
  databasePort: setting.port({
    env: 'DATABASE_CONNECTION_PORT',
    default: 50_050,
    doc: 'The port of the Database service.',
  }),
  exchange: setting.text({
    env: 'RABBITMQ_EXCHANGE',
    default: 'typechecking.exchange',
    doc: 'The exchange that the wire contract publishes to.',
  }),
  exchangeType: setting.choice({
    env: 'RABBITMQ_EXCHANGE_TYPE',
    choices: ['topic'],
    default: 'topic',
    doc: 'How that exchange routes.',
  }),
  schemasQueue: setting.text({
    env: 'RABBITMQ_QUEUE_SCHEMAS',
    default: 'typechecking.schemas.queue',
    doc: 'The queue of schema requests.',
  }),
  schemasKey: setting.text({
    env: 'RABBITMQ_ROUTING_KEY_SCHEMAS',
    default: 'schemas.*',
    doc: 'The binding key of schema requests.',
  }),
  validationsQueue: setting.text({
    env: 'RABBITMQ_QUEUE_VALIDATIONS',
    default: 'typechecking.validations.queue',
    doc: 'The queue of validation requests.',
  }),
  validationsKey: setting.text({
    env: 'RABBITMQ_ROUTING_KEY_VALIDATIONS',
    default: 'validation.*',
    doc: 'The binding key of validation requests.',
  }),
  schemaResultsQueue: setting.text({
    env: 'RABBITMQ_QUEUE_RESULTS_SCHEMAS',
    default: 'typechecking.schemas.results.queue',
    doc: 'The queue of schema results.',
  }),
  schemaResultsKey: setting.text({
    env: 'RABBITMQ_ROUTING_KEY_RESULTS_SCHEMAS',
    default: 'schemas.result.*',
    doc: 'The binding key of schema results.',
  }),
  validationResultsQueue: setting.text({
    env: 'RABBITMQ_QUEUE_RESULTS_VALIDATIONS',
    default: 'typechecking.validation.results.queue',
    doc: 'The queue of validation results.',
  }),
  validationResultsKey: setting.text({
    env: 'RABBITMQ_ROUTING_KEY_RESULTS_VALIDATIONS',
    default: 'validation.result.*',
    doc: 'The binding key of validation results; some deployments bind `validation.results.*`.',
  }),
  ...valueSettings,
  ...embeddedSettings,
});

export type MessagingSettings = Settings<typeof messagingSettings>;

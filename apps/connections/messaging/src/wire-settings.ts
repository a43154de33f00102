/** What the settings of existing deployments say of exchange and queues, in the words of the services. */
import type { WireTopology } from './domain/wire-topology.ts';
import type { MessagingSettings } from './messaging-settings.ts';

export function wireTopology(settings: MessagingSettings): WireTopology {
  return {
    exchange: settings.exchange,
    type: settings.exchangeType,
    schemas: { queue: settings.schemasQueue, routingKey: settings.schemasKey },
    validations: { queue: settings.validationsQueue, routingKey: settings.validationsKey },
    schemaResults: { queue: settings.schemaResultsQueue, routingKey: settings.schemaResultsKey },
    validationResults: { queue: settings.validationResultsQueue, routingKey: settings.validationResultsKey },
  };
}

/** The settings that say which broker is behind the Messaging service, the older variables among them. */
import { isIPv6 } from 'node:net';
import { type Derivation, defineSettings, type Settings, setting } from '@connections/runtime';
import { brokerSchemes, publishersAddress } from './driver/driver-registry.ts';
import type { BrokerAddress } from './service/wire-service.ts';

const rabbitRows = defineSettings({
  rabbitHost: setting.text({
    env: 'RABBITMQ_HOST',
    default: undefined,
    doc: 'The host of RabbitMQ, which then is the broker unless MESSAGING_BROKER_URL says otherwise.',
  }),
  rabbitPort: setting.port({ env: 'RABBITMQ_PORT', default: 5_672, doc: 'The port of RabbitMQ.' }),
  rabbitVirtualHost: setting.text({
    env: 'RABBITMQ_VHOST',
    default: '/',
    doc: 'The virtual host on RabbitMQ.',
  }),
  rabbitUser: setting.text({ env: 'RABBITMQ_USER', default: undefined, doc: 'The user on RabbitMQ.' }),
  rabbitPassword: setting.secret({
    env: 'RABBITMQ_PASSWORD',
    default: undefined,
    doc: 'The password of the user on RabbitMQ.',
  }),
});

const byRabbitHost: Derivation<string> = {
  from: rabbitRows.rabbitHost.env,
  value: (read) => rabbitUrl(read(rabbitRows)),
};

const urlRow = setting.url({
  env: 'MESSAGING_BROKER_URL',
  schemes: brokerSchemes,
  default: 'embedded:',
  derived: byRabbitHost,
  doc: `The broker behind the Messaging service. Unset: the one of ${byRabbitHost.from}, where that is set.`,
});

export const brokerSettings = defineSettings({ brokerUrl: urlRow, ...rabbitRows });

export type BrokerSettings = Settings<typeof brokerSettings>;

/** The variable that brought the URL about. */
export function brokerUrlVariable(settings: BrokerSettings): string {
  return settings.brokerUrl === rabbitUrl(settings) ? byRabbitHost.from : urlRow.env;
}

/** What an older deployment sets must not seem to be in use where the URL has the last word. */
export function unusedRabbitHost(settings: BrokerSettings): string[] {
  const url = rabbitUrl(settings);
  if (url === undefined || url === settings.brokerUrl) return [];
  return [`${byRabbitHost.from} is not used for what ${urlRow.env} names`];
}

/** How publishers reach the broker themselves. */
export function brokerAddress(settings: BrokerSettings): BrokerAddress {
  return (
    publishersAddress(settings.brokerUrl) ?? {
      host: '',
      port: 0,
      virtualHost: '',
      username: '',
      password: '',
    }
  );
}

function rabbitUrl(settings: Settings<typeof rabbitRows>): string | undefined {
  const { rabbitHost, rabbitPort, rabbitVirtualHost, rabbitUser, rabbitPassword = '' } = settings;
  if (rabbitHost === undefined) return undefined;
  const credentials =
    rabbitUser === undefined ? '' : `${[rabbitUser, rabbitPassword].map(encodeURIComponent).join(':')}@`;
  const host = isIPv6(rabbitHost) ? `[${rabbitHost}]` : rabbitHost;
  return `amqp://${credentials}${host}:${rabbitPort}/${encodeURIComponent(rabbitVirtualHost)}`;
}

/** The setting that says whom the service gives the credentials of its broker. */
import { defineSettings, type Settings, setting } from '@connections/runtime';

export const exposureSettings = defineSettings({
  exposeCredentials: setting.choice({
    env: 'MESSAGING_EXPOSE_CREDENTIALS',
    choices: ['always', 'secure', 'never'],
    default: 'always',
    doc: 'Whom GetMessagingParams gives the address and the credentials of RabbitMQ: everybody, callers over TLS and on this machine alone, or nobody.',
  }),
});

export type ExposureSettings = Settings<typeof exposureSettings>;

/** What an operator should know of the credentials that a port hands out. */
export function exposureNotices(
  { exposeCredentials }: ExposureSettings,
  { host, port }: { readonly host: string; readonly port: number },
): string[] {
  if (exposeCredentials !== 'always' || isLoopback(host)) return [];
  return [
    `whoever reaches ${host}:${port} is given the credentials of RabbitMQ: ${exposureSettings.exposeCredentials.env}=secure or never keeps them`,
  ];
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/i.test(host);
}
